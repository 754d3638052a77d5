/** A provider's response that cannot be read, as the rejection of its item. */
import type { ExtractError } from '@farthing/pricing/extract';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';

/** The rejection of a response that cannot be read. `form` is the field that holds it; null = the item itself. */
export function rejectionOf({ code, message }: ExtractError, form: string | null): RejectionError {
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  const path = code === 'unknown_provider' ? 'provider' : form;
  return new RejectionError(code, sentence.endsWith('.') ? sentence : `${sentence}.`, path);
}
