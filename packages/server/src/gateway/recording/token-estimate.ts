/** Estimates what a call through the gateway used where its answer does not say, or not all. */
import type { ExtractedUsage } from '@farthing/pricing';
import { estimateUsage, lacksUsage } from '../../tokens/estimate.ts';
import { openTokenizer } from '../../tokens/tokenizer.ts';
import type { Outcome } from './outcome.ts';
import type { GatewayCall } from './recorded-call.ts';
import { readTexts } from './request-texts.ts';

/**
 * The usage of a call, estimated where the provider served it and did not say. A call that failed, or whose answer
 * had not begun, is left as it is: nothing says that the provider did anything. Never rejects: an estimate that goes
 * wrong leaves the reading with the anomaly `estimate_failed`.
 */
export async function withEstimate(
  call: GatewayCall,
  { status, usage, kept, cut, failed }: Outcome,
): Promise<ExtractedUsage | null> {
  if (usage === null || kept === null || failed || status === null || status >= 400) return usage;
  if (!lacksUsage(usage)) return usage;
  try {
    const tokenizer = await openTokenizer(usage.model ?? call.request.model ?? call.provider);
    const { request, shortened } = await readTexts(call.request.body);
    return estimateUsage(usage, { request, shortened, answer: kept(), cut: cut !== null }, tokenizer);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const anomaly = {
      code: 'estimate_failed',
      message: `usage could not be estimated: ${reason.slice(0, 200)}`,
    };
    return { ...usage, anomalies: [...usage.anomalies, anomaly] };
  }
}
