/** The providers behind the gateway: where they live, which of their paths are metered, how they say no. */
import type { ErrorCode } from '@farthing/contract';
import type { Operation } from '@farthing/pricing';

export type GatewayProviderId = 'openai' | 'anthropic';

/** A path whose answers carry usage. */
export interface MeteredPath {
  /** What the extractor is told: chat, responses, embeddings, messages, completions. */
  readonly surface: string;
  readonly operation: Operation;
  /** The provider sends stream usage only when `stream_options.include_usage` asks for it. */
  readonly usageOnRequest: boolean;
}

export interface GatewayProvider {
  readonly id: GatewayProviderId;
  /** The provider's own address; an operator may configure another, a caller never. */
  readonly defaultBaseUrl: string;
  /** By the path below the provider's base URL, without query. */
  readonly metered: ReadonlyMap<string, MeteredPath>;
  /** A refusal of the gateway's own, in the shape that the provider's SDKs raise as their own error. */
  refusal(code: ErrorCode, status: number, message: string, requestId: string): string;
}

const OPENAI: GatewayProvider = {
  id: 'openai',
  defaultBaseUrl: 'https://api.openai.com',
  metered: new Map([
    ['/v1/chat/completions', { surface: 'chat', operation: 'chat', usageOnRequest: true }],
    ['/v1/completions', { surface: 'completions', operation: 'completion', usageOnRequest: true }],
    ['/v1/responses', { surface: 'responses', operation: 'responses', usageOnRequest: false }],
    ['/v1/embeddings', { surface: 'embeddings', operation: 'embedding', usageOnRequest: false }],
  ]),
  refusal: (code, status, message, requestId) =>
    JSON.stringify({
      error: {
        message: `Farthing: ${message}`,
        type:
          status === 401 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'server_error',
        param: null,
        code,
        request_id: requestId,
      },
    }),
};

/** Anthropic's error types by status, https://docs.anthropic.com/en/api/errors. */
const ANTHROPIC_ERROR_TYPES: { readonly [status: number]: string } = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

const ANTHROPIC: GatewayProvider = {
  id: 'anthropic',
  defaultBaseUrl: 'https://api.anthropic.com',
  metered: new Map([['/v1/messages', { surface: 'messages', operation: 'chat', usageOnRequest: false }]]),
  refusal: (code, status, message, requestId) =>
    JSON.stringify({
      type: 'error',
      error: {
        type: ANTHROPIC_ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'),
        message: `Farthing: ${message} (${code})`,
      },
      request_id: requestId,
    }),
};

export const GATEWAY_PROVIDERS: { readonly [P in GatewayProviderId]: GatewayProvider } = {
  openai: OPENAI,
  anthropic: ANTHROPIC,
};
