/** Estimates for recorded lines: the same rules as for live calls, on what the line holds. */
import type { ExtractedUsage, JsonObject } from '@farthing/pricing';
import type { ResponseReading } from '@farthing/pricing/extract';
import { holdsPrompt } from './prompt.ts';
import { estimateTokens, lacksUsage } from './token-estimate.ts';
import { countingFor, loadEncoding, tokenizerWith } from './tokenizer.ts';

/** Fills in what the reading of a line leaves open, where the line holds the texts. */
export type LineTokenEstimator = (line: JsonObject, reading: ResponseReading) => ExtractedUsage;

/**
 * Loads the vocabularies and opens an estimator. A line needs its `request` with the messages, unless the provider
 * reported the input; binary streams are left as they are.
 */
export async function openLineTokenEstimator(): Promise<LineTokenEstimator> {
  const encoders = {
    o200k_base: await loadEncoding('o200k_base'),
    cl100k_base: await loadEncoding('cl100k_base'),
  };
  return (line, { usage, model, billed }) => {
    const { stream, body, request } = line;
    const text = typeof stream === 'string' ? stream : body === undefined ? null : JSON.stringify(body);
    if (!billed || text === null || !lacksUsage(usage)) return usage;
    const counting = countingFor(model);
    const tokenizer = tokenizerWith(counting, encoders[counting.encoding]);
    const prompt = isObject(request) && holdsPrompt(request) ? request : null;
    return estimateTokens(usage, { request: prompt, answer: { text, share: 1 }, cut: false }, tokenizer);
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
