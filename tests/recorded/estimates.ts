/** How far the estimate of the output is from what providers reported, over every recorded answer with whole text. */
import { tokenTotals } from '@farthing/pricing';
import { countGenerated, lacksUsage } from '../../packages/server/src/tokens/token-estimate.ts';
import { countingFor, openTokenizer } from '../../packages/server/src/tokens/tokenizer.ts';
import { type RecordedLine, readRecorded, recordedLines } from './suites.ts';

export interface EstimatedAnswer {
  readonly id: string;
  /** Whose tokenizer it uses: `gpt`, `claude`, `gemini`, … */
  readonly family: string;
  readonly streamed: boolean;
  readonly model: string;
  /** Output tokens as reported; those of reasoning that left no text are taken off. */
  readonly reported: number;
  readonly estimated: number;
}

/** Short answers are mostly marks around the text: their error in percent says nothing. */
const SHORTEST = 20;

/** Estimates the output of every recorded answer that reports it. */
export async function estimatedAnswers(): Promise<EstimatedAnswer[]> {
  const lines = [...recordedLines('B'), ...recordedLines('E')].filter((line) => line['cut'] === undefined);
  const answers: EstimatedAnswer[] = [];
  for (const line of lines) {
    const answer = await estimateLine(line);
    if (answer !== null) answers.push(answer);
  }
  return answers;
}

async function estimateLine(line: RecordedLine): Promise<EstimatedAnswer | null> {
  if (line['synthetic'] !== undefined || line['format'] === 'eventstream') return null;
  const { usage, model } = readRecorded(line);
  const [segment, ...others] = usage.segments;
  if (!lacksUsage({ ...usage, source: 'none' }) || usage.source !== 'reported' || segment === undefined)
    return null;
  if (usage.operation === 'embedding' || others.length > 0) return null;
  const hidden = segment.quantities.output_reasoning ?? 0;
  const reported = tokenTotals(segment.quantities).output - hidden;
  const { stream, body } = line;
  const answer = typeof stream === 'string' ? stream : JSON.stringify(body ?? null);
  const { tokens } = countGenerated(answer, await openTokenizer(model));
  if (reported < SHORTEST || tokens === 0) return null;
  // If the text may contain reasoning too, it is not known what to compare.
  if (hidden > 0 && familyOf(model) !== 'gemini') return null;
  const streamed = typeof stream === 'string';
  return { id: line.id, family: familyOf(model), streamed, model, reported, estimated: tokens };
}

function familyOf(model: string): string {
  if (countingFor(model).own) return 'gpt';
  return (
    /claude|gemini|command|mistral|llama|grok|deepseek|qwen|palmyra/.exec(model.toLowerCase())?.[0] ?? 'other'
  );
}

export interface EstimateSummary {
  readonly family: string;
  readonly answers: number;
  readonly of_which_streams: number;
  /** Median of estimated ÷ reported − 1, in percent. */
  readonly median_percent: number;
  /** Median and 90th percentile of the distance, in percent. */
  readonly median_off_percent: number;
  readonly p90_off_percent: number;
  /** All estimated ÷ all reported − 1, in percent. */
  readonly sum_percent: number;
}

/** The errors by family, the largest first; families with fewer than five answers are left out. */
export function summarise(answers: readonly EstimatedAnswer[]): EstimateSummary[] {
  const families = Map.groupBy(answers, ({ family }) => family);
  return [...families]
    .filter(([, list]) => list.length >= 5)
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([family, list]) => {
      const errors = list.map(({ reported, estimated }) => (estimated / reported - 1) * 100);
      const sum = (key: 'reported' | 'estimated') => list.reduce((all, answer) => all + answer[key], 0);
      return {
        family,
        answers: list.length,
        of_which_streams: list.filter(({ streamed }) => streamed).length,
        median_percent: quantile(errors, 0.5),
        median_off_percent: quantile(errors.map(Math.abs), 0.5),
        p90_off_percent: quantile(errors.map(Math.abs), 0.9),
        sum_percent: Math.round((sum('estimated') / sum('reported') - 1) * 1000) / 10,
      };
    });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN) * 10) / 10;
}
