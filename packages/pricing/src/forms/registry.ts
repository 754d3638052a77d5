/** Every described provider form, by its provider's name. */
import { anthropic } from './anthropic/form.ts';
import { azure } from './azure/form.ts';
import { bedrock } from './bedrock/form.ts';
import { cohere } from './cohere/form.ts';
import type { ProviderForm } from './description/provider-form.ts';
import { gemini } from './gemini/form.ts';
import { mistral } from './mistral/form.ts';
import { openai } from './openai/form.ts';
import { OPENAI_COMPATIBLE } from './openai-compatible.ts';
import { vertex } from './vertex/form.ts';

/** A new form is one row here. */
export const FORMS: readonly ProviderForm[] = [
  openai,
  azure,
  anthropic,
  gemini,
  vertex,
  bedrock,
  cohere,
  mistral,
  ...OPENAI_COMPATIBLE,
];

const BY_ID: ReadonlyMap<string, ProviderForm> = new Map(FORMS.map((form) => [form.id, form]));

/**
 * The description of a provider; null where there is none.
 *
 * @param id the provider's name as price books have it, see `resolveProvider`
 *
 * @example formOf('groq')?.baseUrl // 'https://api.groq.com'
 */
export function formOf(id: string): ProviderForm | null {
  return BY_ID.get(id) ?? null;
}
