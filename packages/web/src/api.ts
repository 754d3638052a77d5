/** The one door to the server: tRPC over TanStack Query, typed end to end by the server's router. */
import type { AppRouter } from '@farthing/server/trpc';
import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import type { inferRouterOutputs } from '@trpc/server';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';

export const queryClient = new QueryClient({
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

export type ApiOutputs = inferRouterOutputs<AppRouter>;

/** True for an answer that a retry will not change: not signed in, not allowed, bad input. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof TRPCClientError &&
    typeof error.data?.httpStatus === 'number' &&
    error.data.httpStatus < 500
  );
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof TRPCClientError && error.data?.httpStatus === 401;
}
