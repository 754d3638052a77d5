/** tRPC's ground: the context of a call and the procedure that every other one is made from. */
import { AppError, type ErrorCode } from '@farthing/contract';
import { initTRPC, TRPCError } from '@trpc/server';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import { ZodError } from 'zod';
import { inputProblems } from '../http/bodies/parse.ts';
import { toAnswer } from '../http/errors.ts';
import type { Identity } from '../tenants/identity.ts';
import type { DashboardServices } from './services.ts';

/** Context of a procedure: the caller (null: not signed in) and the services. */
export interface TrpcContext {
  readonly identity: Identity | null;
  readonly requestId: string;
  readonly services: DashboardServices;
}

/** Fields of an error besides its message, the same as in REST. */
export interface TrpcErrorData {
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly requestId: string | null;
  readonly details: unknown;
}

const trpc = initTRPC.context<TrpcContext>().create({
  // tRPC's own formatter adds the stack in development: a stack is for the log, not for the wire.
  errorFormatter: ({ shape, error, ctx }) => {
    const answer = answerOf(error);
    const data: TrpcErrorData = {
      code: answer.code,
      httpStatus: answer.status,
      requestId: ctx?.requestId ?? null,
      details: answer.details,
    };
    return { ...shape, message: answer.message, data };
  },
});

export const router = trpc.router;

/** Denies without identity; there is no public procedure. Errors of the capabilities keep their code. */
export const procedure = trpc.procedure.use(({ ctx, next }) => {
  if (ctx.identity === null) {
    throw new TRPCError({
      code: 'UNAUTHORIZED',
      message: 'Sign in with the link that the server printed, or send an API key.',
    });
  }
  return next({ ctx: { identity: ctx.identity } });
});

/** An error as the caller sees it. */
export function answerOf(
  error: TRPCError,
): Pick<ReturnType<typeof toAnswer>, 'code' | 'status' | 'message' | 'details'> {
  const { cause } = error;
  if (cause instanceof ZodError) {
    const details = inputProblems(cause);
    const [first] = details;
    const message = first === undefined ? 'The input does not fit.' : `${first.path}: ${first.message}`;
    const unknown = cause.issues.some((issue) => issue.code === 'unrecognized_keys');
    return { code: unknown ? 'unknown_parameter' : 'invalid_parameter', status: 400, message, details };
  }
  const known = FRAMEWORK_CODES[error.code];
  if (known !== undefined) return toAnswer(new AppError(known, error.message));
  return toAnswer(cause ?? error);
}

const FRAMEWORK_CODES: { readonly [code in TRPC_ERROR_CODE_KEY]?: ErrorCode } = {
  PARSE_ERROR: 'invalid_json',
  BAD_REQUEST: 'bad_request',
  UNAUTHORIZED: 'unauthorized',
  FORBIDDEN: 'forbidden',
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  PAYLOAD_TOO_LARGE: 'body_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
};
