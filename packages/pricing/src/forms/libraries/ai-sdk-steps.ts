/**
 * A result of the Vercel AI SDK holds the same tokens up to three times: in each of its `steps`, which are the
 * calls, in `usage` (the last step, in version 4 all of them) and in `totalUsage` (all of them). The steps are
 * billed, each at its own model and its own context; the sums are only compared with them.
 */

import { getArray, getObject, isObject } from '../../json/members.ts';
import { mergeSegments, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject, UsageSegment } from '../../usage/usage.ts';
import type { Reading } from '../description/shape.ts';

/** More steps than any loop of calls has; what comes after them is in the total alone. */
const MOST_STEPS = 10_000;

/** The steps where they can be billed: there are several calls or one, and each says what it used. */
export function stepsOf(body: JsonObject): readonly JsonObject[] | null {
  const steps = getArray(body, 'steps');
  if (steps.length === 0 || steps.length > MOST_STEPS) return null;
  const found = steps.filter(isObject).filter((step) => getObject(step, 'usage') !== null);
  return found.length === steps.length ? found : null;
}

/** One reading of those of the steps. `whole` is what the result says as a whole: its names, and the sum. */
export function joinSteps(whole: Reading, steps: readonly Reading[]): Reading | null {
  if (steps.some(({ source }) => source !== 'reported')) return null;
  const model = whole.model ?? steps.at(-1)?.model ?? null;
  const segments = steps.flatMap((step) =>
    step.segments.map(
      (segment): UsageSegment => ({
        ...segment,
        model: segment.model ?? (step.model === model ? null : step.model),
      }),
    ),
  );
  const anomalies = new Map<string, Anomaly>();
  for (const anomaly of steps.flatMap((step) => step.anomalies)) anomalies.set(anomaly.code, anomaly);
  const conventions = [...new Set(steps.map(({ convention }) => convention))].join(', ');
  return {
    ...whole,
    model,
    segments,
    source: 'reported',
    rawUsage: steps.map(({ rawUsage }) => rawUsage),
    convention: `ai-sdk: ${steps.length} steps are the bill, their total is not added; ${conventions}`,
    anomalies: [...anomalies.values(), ...mismatch(whole.segments, segments)],
  };
}

function mismatch(whole: readonly UsageSegment[], steps: readonly UsageSegment[]): Anomaly[] {
  if (whole.length === 0) return [];
  const stated = tokenTotals(mergeSegments(whole));
  const summed = tokenTotals(mergeSegments(steps));
  if (stated.input === summed.input && stated.output === summed.output) return [];
  const message =
    `the steps sum to ${summed.input} input and ${summed.output} output tokens, totalUsage says ${stated.input} ` +
    `and ${stated.output}; the steps are counted`;
  return [{ code: 'steps_total_mismatch', message }];
}
