/** How a call through the gateway can fail, beside the refusals that its caller can do something about. */

/** The provider did not answer at all; nothing was sent to the client yet. */
export class UpstreamUnreachableError extends Error {
  override readonly name = 'UpstreamUnreachableError';
  /** It timed out, its answer cannot be passed on, or the request cannot be sent as HTTP. */
  readonly kind: 'unreachable' | 'timeout' | 'broken' | 'unsendable';
  constructor(cause: Error) {
    super('the provider did not answer', { cause });
    this.kind = kindOf(cause);
  }
}

/** The provider answered with what HTTP does not allow, or what cannot be written again. */
export class UnusableAnswerError extends Error {
  override readonly name = 'UnusableAnswerError';
  constructor(why: string, cause?: unknown) {
    super(`the provider's answer cannot be passed on: ${why}`, { cause });
  }
}

/** This code failed amid a call. */
export class CallFaultError extends Error {
  override readonly name = 'CallFaultError';
  constructor(cause: unknown) {
    super('the call failed inside the gateway', { cause });
  }
}

const KINDS: { readonly [code: string]: UpstreamUnreachableError['kind'] | undefined } = {
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'broken',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'broken',
  // undici's own checks of what a server may say.
  ERR_ASSERTION: 'broken',
  UND_ERR_INVALID_ARG: 'unsendable',
  UND_ERR_NOT_SUPPORTED: 'unsendable',
};

/** An unasked-for `100` or `101`, or an answer to no request. */
const BROKEN_SOCKET = /^bad (?:response|upgrade)$/;

function kindOf(error: Error): UpstreamUnreachableError['kind'] {
  if (error instanceof UnusableAnswerError || BROKEN_SOCKET.test(error.message)) return 'broken';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code.startsWith('HPE_') ? 'broken' : (KINDS[code] ?? 'unreachable');
}
