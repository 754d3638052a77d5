import type { ReactNode } from 'react';
import { Note } from '../elements/Note.tsx';
import { Failure } from './Failure.tsx';

/** The part of a query that is needed to show it. */
export interface Answer<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

export interface AskedProps<T> {
  readonly query: Answer<T>;
  /** What is asked for, as the beginning of a sentence: "Spend over time". */
  readonly what: string;
  /** Shown while it loads, in the same size. */
  readonly skeleton: ReactNode;
  /** True where the answer holds nothing to show. */
  readonly isEmpty?: (data: T) => boolean;
  /** The sentence shown then. */
  readonly empty?: string;
  readonly children: (data: T) => ReactNode;
}

/**
 * The four states of a query: an error (with the request's id and a way to try again), a skeleton, a sentence if there
 * is nothing, or the content.
 */
export function Asked<T>({ query, what, skeleton, isEmpty, empty = '', children }: AskedProps<T>) {
  const { data, error, refetch } = query;
  if (error) return <Failure error={error} what={what} onRetry={() => void refetch()} />;
  if (data === undefined) return skeleton;
  if (isEmpty?.(data)) return <Note>{empty}</Note>;
  return children(data);
}
