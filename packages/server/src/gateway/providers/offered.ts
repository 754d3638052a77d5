/** The providers that the gateway offers, a row each. How they speak is in their form (`pricing/src/forms`). */

/** A provider behind `/gateway/<id>/`. */
export interface OfferedProvider {
  /** The name of its form. Its address is set by `FARTHING_<ID>_BASE_URL`. */
  readonly id: string;
  /** Surfaces of the form whose calls are read and recorded; all others pass through. */
  readonly records: readonly string[];
}

export const OFFERED_PROVIDERS = [
  { id: 'openai', records: ['chat', 'completions', 'responses', 'embeddings'] },
  { id: 'anthropic', records: ['messages'] },
] as const satisfies readonly OfferedProvider[];

export type GatewayProviderId = (typeof OFFERED_PROVIDERS)[number]['id'];
