/** The setting of every offered provider's address: one rule for all of them. */
import { formOf } from '@farthing/pricing/extract';
import { OFFERED_PROVIDERS } from './offered.ts';

/** The name of such a setting in the environment. */
export type BaseUrlVariable = `FARTHING_${string}_BASE_URL`;

/**
 * The setting of a provider's address.
 *
 * @example baseUrlVariable('openai') // 'FARTHING_OPENAI_BASE_URL'
 */
export function baseUrlVariable(provider: string): BaseUrlVariable {
  return `FARTHING_${provider.toUpperCase().replaceAll('-', '_')}_BASE_URL`;
}

/** The settings of all offered providers, as the documentation prints them. */
export const BASE_URL_VARIABLES = OFFERED_PROVIDERS.map(({ id }) => ({
  name: baseUrlVariable(id),
  default: formOf(id)?.baseUrl ?? null,
  meaning: `Where /gateway/${id} leads; a private endpoint or a test double.`,
}));
