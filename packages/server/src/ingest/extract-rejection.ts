/** A provider's response that cannot be read, as the rejection of its item. */
import type { ExtractError } from '@farthing/pricing/extract';
import { Rejection } from '../tenants/attribution/rejection.ts';

/** The rejection of a response that cannot be read. `form` is the field that holds it; null = the item itself. */
export function rejectionOf({ code, message }: ExtractError, form: string | null): Rejection {
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  const path = code === 'unknown_provider' ? 'provider' : form;
  return new Rejection(code, sentence.endsWith('.') ? sentence : `${sentence}.`, path);
}
