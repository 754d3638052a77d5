/**
 * `FARTHING_FIXTURES=… node tests/recorded/estimates.ts`: how far the estimate of the output is from what providers
 * reported, over every recorded answer whose text is whole.
 */
import { tokenTotals } from '@farthing/pricing';
import { countGenerated, lacksUsage } from '../../packages/server/src/tokens/estimate.ts';
import { countingFor, openTokenizer } from '../../packages/server/src/tokens/tokenizer.ts';
import { type RecordedLine, readRecorded, recordedLines } from './suites.ts';

export interface EstimatedAnswer {
  readonly id: string;
  /** Whose tokenizer stands behind it: `gpt`, `claude`, `gemini`, … */
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
  // Where reasoning may stand in the text too, it is not known what to compare.
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
