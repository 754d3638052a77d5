/** The explanation of a charge as a table for a terminal. */

import type { Provenance } from '../book/price-book.ts';
import type { ExplainedCard, ExplainedLine, Explanation } from './explain.ts';

/**
 * Prints an explanation: a head, one row per charge line, the total, then where the prices come from.
 * Plain text, no colours, no trailing newline.
 */
export function explanationText(explanation: Explanation): string {
  const parts = [head(explanation)];
  if (explanation.usage !== null) {
    parts.push(`usage: ${explanation.usage.source}; ${explanation.usage.convention}`);
    if (explanation.usage.rawUsage !== null)
      parts.push(`  ${cut(JSON.stringify(explanation.usage.rawUsage))}`);
    for (const anomaly of explanation.usage.anomalies) parts.push(`  ! ${anomaly.code}: ${anomaly.message}`);
  }
  if (explanation.lines.length > 0) parts.push('', table(explanation.lines), '');
  parts.push(totalLine(explanation));
  const reported = explanation.usage?.reportedCost;
  if (reported !== undefined && reported !== null) {
    parts.push(`stated by the provider: $${reported.usd} (${reported.field})`);
  }
  for (const card of explanation.cards) parts.push(cardLine(card), ...sourceLines(card, explanation.lines));
  parts.push(`price book ${explanation.price_book}`);
  return parts.join('\n');
}

function head({ provider, model, at, tier, speed, region }: Explanation): string {
  const extras = [tier, speed ?? '', region ?? ''].filter((text) => text !== '' && text !== 'standard');
  return [`${provider} ${model}`, at, ...extras].join(' · ');
}

function totalLine(explanation: Explanation): string {
  if (explanation.total_usd !== null) return `total $${explanation.total_usd}`;
  const known = explanation.priced_subtotal_usd;
  return `unpriced (${explanation.unpriced_reason ?? 'unknown'}); what is known: $${known}`;
}

function table(lines: readonly ExplainedLine[]): string {
  const rows = lines.map((line) => [
    line.label,
    grouped(line.billed_quantity ?? line.quantity),
    line.rate_usd === null
      ? `no price (${line.unpriced_reason})`
      : `$${line.rate_usd} / ${grouped(line.per ?? 1)}`,
    line.amount_usd === null ? '—' : `$${line.amount_usd}`,
    notes(line),
  ]);
  const header = ['meter', 'quantity', 'rate', 'amount', ''];
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 1 || column === 3 ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function notes(line: ExplainedLine): string {
  const notes: string[] = [];
  if (line.inherited_from !== null) notes.push(`at the price of ${line.inherited_from}`);
  if (line.threshold !== null) {
    notes.push(
      `${grouped(line.threshold.context_tokens)} context tokens reach ${grouped(line.threshold.from)}`,
    );
  }
  if (line.billed_quantity !== null) notes.push(`${grouped(line.quantity)} used, billed at least so much`);
  if (line.segment > 0) notes.push(line.model);
  return notes.join(', ');
}

function cardLine(card: ExplainedCard): string {
  const until = card.to === null ? '' : ` until ${card.to}`;
  const from = card.from === null ? '' : ` from ${card.from}`;
  const window = card.time_of_day === null ? '' : `, ${card.time_of_day.start}–${card.time_of_day.end} UTC`;
  const limits = [card.tier, card.speed, card.region ?? '']
    .filter((text) => text !== '' && text !== 'standard')
    .map((text) => `, ${text}`)
    .join('');
  return `card ${card.id}: ${card.provider} ${card.model}${limits}${from}${until}${window}`;
}

/** The sources of the rates that were used from a card; with several sources, which rate is from which. */
function sourceLines(card: ExplainedCard, lines: readonly ExplainedLine[]): string[] {
  const labels = new Map<string, Set<string>>();
  for (const line of lines) {
    if (line.card !== card.id || line.source === null) continue;
    const source = sourceText(line.source);
    labels.set(source, (labels.get(source) ?? new Set()).add(line.label));
  }
  if (labels.size === 0) return [`  ${sourceText(card.source)}`];
  if (labels.size === 1) return [...labels.keys()].map((source) => `  ${source}`);
  return [...labels].map(([source, of]) => `  ${[...of].join('; ')}: ${source}`);
}

function sourceText({ table, version, date, url, checked }: Provenance): string {
  const dated = version === date ? date : `${version} of ${date}`;
  const read = checked === undefined ? '' : `, page read on ${checked}`;
  return `${table} ${dated}${read}${url === undefined ? '' : `, ${url}`}`;
}

/** The provider's own usage object can be of any length; a table shows its beginning. */
const MOST_RAW = 1000;
const cut = (text: string) => (text.length <= MOST_RAW ? text : `${text.slice(0, MOST_RAW)}…`);

/** Digits in groups of three, without a locale: the text is the same on every machine. */
function grouped(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  let groups = whole.slice(-3);
  for (let end = whole.length - 3; end > 0; end -= 3)
    groups = `${whole.slice(Math.max(0, end - 3), end)},${groups}`;
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}
