/** Token estimate: counts the usage of an attempt from its texts if the answer does not report it, or not all of it. */
import type { ExtractedUsage } from '@farthing/pricing';
import { estimateTokens, lacksUsage } from '../../tokens/token-estimate.ts';
import { openTokenizer } from '../../tokens/tokenizer.ts';
import type { AttemptOutcome } from './outcome.ts';
import type { RecordedAttempt } from './recorded-attempt.ts';
import { readTexts } from './request-texts.ts';

/**
 * The usage of an attempt, estimated if the provider served it and did not report it. An attempt that failed, or whose
 * answer had not begun, is left unchanged: nothing shows that the provider did any work. Never rejects: a failed
 * estimate leaves the reading with the anomaly `estimate_failed`.
 */
export async function withTokenEstimate(
  attempt: RecordedAttempt,
  { status, usage, kept, cut, failed }: AttemptOutcome,
): Promise<ExtractedUsage | null> {
  if (usage === null || kept === null || failed || status === null || status >= 400) return usage;
  if (!lacksUsage(usage)) return usage;
  try {
    const tokenizer = await openTokenizer(usage.model ?? attempt.request.model ?? attempt.provider);
    const { request, shortened } = await readTexts(attempt.request.body.bytes);
    return estimateTokens(usage, { request, shortened, answer: kept(), cut: cut !== null }, tokenizer);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const anomaly = {
      code: 'estimate_failed',
      message: `usage could not be estimated: ${reason.slice(0, 200)}`,
    };
    return { ...usage, anomalies: [...usage.anomalies, anomaly] };
  }
}
