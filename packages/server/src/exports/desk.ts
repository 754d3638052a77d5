/** Keeps exports from crowding out other work: few at a time, shared among callers, and reading in their own turns. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { asExport, presentAsker } from '../db/asker.ts';
import { createSeats } from '../tenants/seats.ts';

export interface ExportDesk {
  /**
   * Opens an export: its first piece is made before this answers, so that what is refused is refused with an answer. The
   * rest is made when it is asked for, for the same asker. Throws `overloaded` where there are too many, `rate_limited`
   * where the asker's tenant or key has its share of them.
   */
  open(pieces: AsyncIterable<string>): Promise<AsyncIterable<string>>;
  /** Reads a page of an export; between two pages no connection or transaction is held. */
  readonly read: PageReader;
}

/** Runs one bounded read of the database. */
export type PageReader = <Page>(read: () => Promise<Page>) => Promise<Page>;

export interface ExportDeskOptions {
  /** Exports open at a time. Default 16. */
  readonly maxOpen?: number;
}

/** @example const desk = createExportDesk(); const content = await desk.open(printTable(columns, pages, format)); */
export function createExportDesk({ maxOpen = 16 }: ExportDeskOptions = {}): ExportDesk {
  const seats = createSeats({ seats: maxOpen, name: 'exports under way', retryAfter: 30 });
  return {
    read: asExport,
    async open(pieces) {
      const asker = presentAsker()?.asker;
      const leave = seats.take({ tenant: asker?.tenant ?? null, key: asker?.key ?? 'server' });
      // Pieces are asked for from wherever the answer is written: their reads stay the asker's.
      const asAsker = AsyncLocalStorage.snapshot();
      try {
        const rest = pieces[Symbol.asyncIterator]();
        const iterator = seated(await rest.next(), rest, { leave, asAsker });
        return { [Symbol.asyncIterator]: () => iterator };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}

interface Seat {
  readonly leave: () => void;
  readonly asAsker: <Result>(run: () => Result) => Result;
}

/** Frees the place at the end. Not a generator: one that was never started would not run its `finally`. */
function seated(
  first: IteratorResult<string>,
  rest: AsyncIterator<string>,
  { leave, asAsker }: Seat,
): AsyncIterator<string> {
  let held: IteratorResult<string> | null = first;
  return {
    async next() {
      try {
        const piece: IteratorResult<string> = held ?? (await asAsker(() => rest.next()));
        held = null;
        if (piece.done === true) leave();
        return piece;
      } catch (error) {
        leave();
        throw error;
      }
    },
    async return() {
      leave();
      await rest.return?.();
      return { done: true, value: undefined };
    },
  };
}
