/** tRPC's ground: the context of a call, the procedure that every other one is made from. */
import { initTRPC, TRPCError } from '@trpc/server';
import type { Viewer } from '../insights/viewer.ts';
import type { DashboardServices } from './services.ts';

/** What a procedure knows: who asks (null: nobody yet) and the services of the composition root. */
export interface TrpcContext {
  readonly viewer: Viewer | null;
  readonly requestId: string;
  readonly services: DashboardServices;
}

const trpc = initTRPC.context<TrpcContext>().create({
  errorFormatter: ({ shape, ctx }) => ({
    ...shape,
    // tRPC's own formatter adds the stack in development: a stack is for the log, not for the wire.
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus, requestId: ctx?.requestId ?? null },
  }),
});

export const router = trpc.router;

/** Denies without identity. There is no public procedure. */
export const procedure = trpc.procedure.use(({ ctx, next }) => {
  if (ctx.viewer === null) {
    throw new TRPCError({
      code: 'UNAUTHORIZED',
      message: 'Sign in with the link that the server printed, or send an API key.',
    });
  }
  return next({ ctx: { viewer: ctx.viewer } });
});
