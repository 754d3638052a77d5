/** `farthing prices list` and `search`: one's own prices, and the book that is in force. */
import { type PricesAnswer, pricesAnswer } from '@farthing/contract';
import type { Command } from 'commander';
import { z } from 'zod';
import { askServer } from '../../access/ask-server.ts';
import { type Remote, remote } from '../../access/remote.ts';
import { run } from '../../console/command.ts';
import { EXIT, table } from '../../console/output.ts';

type OwnPrices = PricesAnswer['own'];
type OwnCard = OwnPrices['cards'][number];
type OwnAlias = OwnPrices['aliases'][number];
type OwnOverride = OwnPrices['overrides'][number];
type OwnRow = OwnCard | OwnAlias | OwnOverride;

interface ListOptions extends Remote {
  readonly search?: string;
  readonly removed?: boolean;
}

export function listCommand(): Command {
  return remote('list', "list one's own prices: cards, aliases and what tenants are charged instead")
    .option('--search <text>', 'only those with this text in their provider, model, alias or tenant')
    .option('--removed', 'those that were taken back too')
    .action(
      run<ListOptions>(async (options, output) => {
        const list = await askServer(options, pricesAnswer, 'GET', '/api/admin/prices?limit=1');
        const wanted = (row: OwnRow) => isWanted(row, options);
        const cards = list.own.cards.filter(wanted);
        const aliases = list.own.aliases.filter(wanted);
        const overrides = list.own.overrides.filter(wanted);
        const rows = [
          ...cards.map((row) => ownRow('card', row, JSON.stringify(row.rates))),
          ...aliases.map((row) => ownRow('alias', row, `${row.alias} = ${row.model}`)),
          ...overrides.map((row) =>
            ownRow(
              `${row.kind} of ${row.tenant}`,
              row,
              row.percent === null ? JSON.stringify(row.rates) : `${row.percent} %`,
            ),
          ),
        ];
        const own = { cards, aliases, overrides };
        output.result({ version: list.version, problem: list.problem, own }, () =>
          [
            table(['id', 'kind', 'provider', 'model', 'for', 'holds', 'terms', 'by', 'taken back'], rows),
            `price book: ${list.version}${list.problem === null ? '' : `\nnot in force: ${list.problem}`}`,
          ].join('\n'),
        );
        return undefined;
      }),
    );
}

function isWanted(row: OwnRow, { search, removed }: ListOptions): boolean {
  if (removed !== true && row.removed_at !== null) return false;
  const also = 'alias' in row ? row.alias : 'tenant' in row ? row.tenant : '';
  const text = [row.provider, row.model, also].filter((part) => part).join(' ');
  return search === undefined || text.toLowerCase().includes(search.toLowerCase());
}

const ownRow = (kind: string, row: OwnRow, terms: string): string[] => [
  row.id,
  kind,
  row.provider ?? 'every',
  row.model ?? 'every',
  ['tier' in row ? row.tier : '', 'region' in row ? row.region : ''].filter((part) => part).join(' '),
  holds(row),
  terms,
  row.created_by,
  row.removed_at ?? '',
];

function holds(row: OwnRow): string {
  const { valid_from: from, valid_to: to } = row;
  const hours = 'time_of_day' in row ? row.time_of_day : null;
  const dates = from === null && to === null ? '' : `${from ?? ''} – ${to ?? ''}`;
  const window = hours === null ? '' : `${hours.start}–${hours.end} UTC`;
  return [dates, window].filter((part) => part !== '').join(', ');
}

export function searchCommand(): Command {
  const made = remote('search', 'search the price book that is in force').argument(
    '<text>',
    'part of a model',
  );
  return made.action((text: string, options: Remote) =>
    run<Remote>(async (given, output) => {
      const path = `/api/admin/prices?search=${encodeURIComponent(text)}`;
      const list = await askServer(given, pricesAnswer, 'GET', path);
      const rows = list.cards.map((card) => [
        card.provider,
        card.model,
        [card.tier, card.region].filter((part) => part).join(' '),
        card.from ?? '',
        Object.entries(card.rates)
          .map(([meter, rate]) => `${meter} ${rateText(rate)}`)
          .join(', '),
      ]);
      output.result({ cards: list.cards, found: list.found }, () =>
        [table(['provider', 'model', 'for', 'from', 'USD'], rows), `${list.found} found`].join('\n'),
      );
      return list.found === 0 ? EXIT.failed : EXIT.ok;
    })(options),
  );
}

const plainRate = z.object({ usd: z.string(), per: z.number() });

/** `2.5/1000000`; a rate of another form as the server says it. */
function rateText(rate: unknown): string {
  const { data } = plainRate.safeParse(rate);
  return data === undefined ? JSON.stringify(rate) : `${data.usd}/${data.per}`;
}
