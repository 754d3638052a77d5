/** The one door to the server: tRPC over TanStack Query, typed end to end by the server's router. */
import type { ErrorBody } from '@farthing/contract';
import type { AppRouter } from '@farthing/server/trpc';
import { hashKey, QueryCache, QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';

export const queryClient = new QueryClient({
  // The session ended while the page was open: the first query that notices makes the frame check it.
  queryCache: new QueryCache({
    onError: (error, query) => {
      const session = api.session.me.queryKey();
      if (isSignedOut(error) && query.queryHash !== hashKey(session))
        void queryClient.invalidateQueries({ queryKey: session });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The last known figures stay on screen while newer ones are fetched.
      placeholderData: <T>(previous: T) => previous,
      retry: (failures, error) => failures < 2 && !isRefusal(error),
    },
  },
});

const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: '/trpc', maxURLLength: 6000 })] });

export const api = createTRPCOptionsProxy<AppRouter>({ client, queryClient });

export type ApiInputs = inferRouterInputs<AppRouter>;
export type ApiOutputs = inferRouterOutputs<AppRouter>;

/** What a failed question was answered with; `status` is null where there was no answer. */
export interface Answered {
  readonly status: number | null;
  readonly message: string;
  readonly requestId: string | null;
}

/**
 * Reads an error of the client. A request without a session, or to a server that is stopping, is refused before tRPC
 * sees it. That answer has the form of the other routes, which the tRPC client cannot read and passes on unchanged.
 */
export function answeredWith(error: unknown): Answered {
  const nothing = { status: null, message: 'The server did not answer.', requestId: null };
  if (!(error instanceof TRPCClientError)) return nothing;
  const { data, meta, message } = error as TRPCClientError<AppRouter>;
  if (data) return { status: data.httpStatus, message, requestId: data.requestId };
  const response = meta?.['response'];
  if (!(response instanceof Response)) return nothing;
  const refusal = (meta?.['responseJSON'] as Partial<ErrorBody> | undefined)?.error;
  return {
    status: response.status,
    message: refusal?.message ?? `The server answered ${response.status}.`,
    requestId: refusal?.request_id ?? null,
  };
}

/** True for an answer that a retry will not change: not signed in, not allowed, bad input. */
export function isRefusal(error: unknown): boolean {
  const { status } = answeredWith(error);
  return status !== null && status < 500;
}

export function isSignedOut(error: unknown): boolean {
  return answeredWith(error).status === 401;
}
