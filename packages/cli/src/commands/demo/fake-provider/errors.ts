/** How the providers refuse: body and headers of an HTTP error. */
import type { Dialect } from './routes.ts';

const OPENAI_ERRORS: Readonly<Record<number, readonly [type: string, code: string | null, message: string]>> =
  {
    400: ['invalid_request_error', null, 'Invalid request.'],
    401: ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.'],
    403: ['invalid_request_error', 'unsupported_country_region_territory', 'Country not supported.'],
    404: [
      'invalid_request_error',
      'model_not_found',
      'The model does not exist or you do not have access to it.',
    ],
    429: ['requests', 'rate_limit_exceeded', 'Rate limit reached for requests. Please try again in 1s.'],
    503: ['service_unavailable_error', null, 'The engine is currently overloaded, please try again later.'],
  };

const ANTHROPIC_ERRORS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'Invalid request.'],
  401: ['authentication_error', 'invalid x-api-key'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'Not found'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', 'Number of request tokens has exceeded your per-minute rate limit'],
  529: ['overloaded_error', 'Overloaded'],
};

/** An error body as that provider shapes it. */
export function errorBody(dialect: Dialect, status: number, requestId: string, message?: string): unknown {
  if (dialect === 'anthropic') {
    const [type, usual] = ANTHROPIC_ERRORS[status] ?? ['api_error', 'Internal server error'];
    return { type: 'error', error: { type, message: message ?? usual }, request_id: requestId };
  }
  const [type, code, usual] = OPENAI_ERRORS[status] ?? [
    'server_error',
    null,
    'The server had an error while processing your request. Sorry about that!',
  ];
  return { error: { message: message ?? usual, type, param: null, code } };
}

/** Headers a provider adds to an error. */
export function errorHeaders(status: number): Record<string, string> {
  return status === 429 || status === 529 ? { 'retry-after': '1', 'retry-after-ms': '50' } : {};
}
