/** The only reader of the environment. Works where there is no `process`. */

/** What the environment says; the constructor's options win over it. */
export interface Environment {
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  /** `FF_COST_TRACKING`; on unless it says false, 0, no or off. */
  readonly costTracking: boolean;
  readonly batchSize: number | undefined;
  readonly flushIntervalMs: number | undefined;
}

/** Reads `FARTHING_URL`, `FARTHING_API_KEY`, `FF_COST_TRACKING`, `COST_BATCH_SIZE`, `COST_FLUSH_INTERVAL_MS`. */
export function readEnvironment(): Environment {
  const env: { readonly [name: string]: string | undefined } =
    typeof process === 'undefined' ? {} : (process.env ?? {});
  return {
    url: env['FARTHING_URL'] || undefined,
    apiKey: env['FARTHING_API_KEY'] || undefined,
    costTracking: !/^(false|0|no|off)$/i.test(env['FF_COST_TRACKING']?.trim() ?? ''),
    batchSize: positive(env['COST_BATCH_SIZE']),
    flushIntervalMs: positive(env['COST_FLUSH_INTERVAL_MS']),
  };
}

/** A whole number from 1 on; anything else counts as not set. */
function positive(value: string | undefined): number | undefined {
  const number = Number(value);
  return value !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
