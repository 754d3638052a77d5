/** Anthropic. */
import type { ProviderForm, Refusal, Refused } from '../description/provider-form.ts';
import { COMPLETE, MESSAGES } from './surfaces.ts';

export const anthropic: ProviderForm = {
  id: 'anthropic',
  baseUrl: 'https://api.anthropic.com',
  hosts: ['anthropic.com'],
  roots: ['v1'],
  surfaces: [MESSAGES, COMPLETE],
  free: [],
  refuse: refuseAsAnthropic,
};

/** Anthropic's error types by status, https://docs.anthropic.com/en/api/errors. */
const ERROR_TYPES: { readonly [status: number]: string } = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

function refuseAsAnthropic({ code, status, message, requestId }: Refused): Refusal {
  const type = ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  const error = { type, message: `Farthing: ${message} (${code})` };
  const body = JSON.stringify({ type: 'error', error, request_id: requestId });
  return { contentType: 'application/json', body, headers: {} };
}
