/** OpenAI. */
import type { ProviderForm, Refusal, Refused } from '../description/provider-form.ts';
import { OPENAI_SURFACES } from './surfaces.ts';

export const openai: ProviderForm = {
  id: 'openai',
  baseUrl: 'https://api.openai.com',
  hosts: ['api.openai.com'],
  roots: ['v1'],
  surfaces: OPENAI_SURFACES,
  free: [],
  refuse: refuseAsOpenai,
};

/** An error of OpenAI's form, https://platform.openai.com/docs/guides/error-codes. */
export function refuseAsOpenai({ code, status, message, requestId }: Refused): Refusal {
  const type =
    status === 401 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  const error = { message: `Farthing: ${message}`, type, param: null, code, request_id: requestId };
  return { contentType: 'application/json', body: JSON.stringify({ error }), headers: {} };
}
