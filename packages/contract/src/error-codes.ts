/**
 * The one registry of error codes. A code is never reused for another meaning.
 * `status` is the HTTP status where the error ends a request; item codes occur only in a per-item rejection.
 */
export const ERROR_CODES = {
  // request
  bad_request: { status: 400 },
  invalid_json: { status: 400 },
  invalid_body: { status: 400 },
  invalid_parameter: { status: 400 },
  unknown_parameter: { status: 400 },
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  not_found: { status: 404 },
  method_not_allowed: { status: 405 },
  conflict: { status: 409 },
  body_too_large: { status: 413 },
  unsupported_media_type: { status: 415 },
  too_many_items: { status: 413 },
  rate_limited: { status: 429 },
  too_many_calls: { status: 429 },
  internal: { status: 500 },
  overloaded: { status: 503 },
  store_unavailable: { status: 503 },
  shutting_down: { status: 503 },
  upstream_unreachable: { status: 502 },
  upstream_timeout: { status: 504 },
  // items of a batch
  invalid_event: { status: 400 },
  event_too_large: { status: 400 },
  usage_too_large: { status: 400 },
  unknown_provider: { status: 400 },
  unrecognised_body: { status: 400 },
  unknown_meter: { status: 400 },
  invalid_quantity: { status: 400 },
  time_out_of_range: { status: 400 },
  past_retention: { status: 410 },
  unknown_tenant: { status: 400 },
  unstorable_event: { status: 400 },
  tenant_not_allowed: { status: 403 },
  event_conflict: { status: 409 },
} as const satisfies Record<string, { status: number }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The body of every error answer. */
export interface ErrorBody {
  readonly success: false;
  readonly error: {
    readonly code: ErrorCode;
    /** What is wrong and what to do. */
    readonly message: string;
    readonly request_id: string;
    readonly details?: unknown;
  };
}
