/** What keeps exports from pushing others aside: few at a time, and fewer that read at the same moment. */
import { AppError } from '@farthing/contract';

export interface ExportDesk {
  /**
   * Opens an export: its first piece is made before this answers, so that what is refused is refused with an answer. The
   * rest is made when it is asked for. Throws `overloaded` where there are too many.
   */
  open(pieces: AsyncIterable<string>): Promise<AsyncIterable<string>>;
  /** Reads a page when it is its turn; nothing of the database is held between two pages. */
  readonly read: PageReader;
}

/** Runs one bounded read of the database. */
export type PageReader = <Page>(read: () => Promise<Page>) => Promise<Page>;

export interface ExportDeskOptions {
  /** Exports open at a time. Default 16. */
  readonly maxOpen?: number;
  /** Pages read at a time. Default 2. */
  readonly readsAtOnce?: number;
}

/** @example const desk = createExportDesk(); const content = await desk.open(printTable(columns, pages, format)); */
export function createExportDesk({ maxOpen = 16, readsAtOnce = 2 }: ExportDeskOptions = {}): ExportDesk {
  let open = 0;
  let reading = 0;
  const waiting: (() => void)[] = [];

  async function read<Page>(page: () => Promise<Page>): Promise<Page> {
    if (reading >= readsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else reading += 1;
    try {
      return await page();
    } finally {
      // A turn is handed on, so that nobody gets in between.
      const next = waiting.shift();
      if (next === undefined) reading -= 1;
      else next();
    }
  }

  /** Not a generator: one that was never begun would not hear of its end. */
  function counted(first: IteratorResult<string>, rest: AsyncIterator<string>): AsyncIterator<string> {
    let held: IteratorResult<string> | null = first;
    let over = false;
    const end = () => {
      if (!over) open -= 1;
      over = true;
    };
    return {
      async next() {
        try {
          const piece: IteratorResult<string> = held ?? (await rest.next());
          held = null;
          if (piece.done === true) end();
          return piece;
        } catch (error) {
          end();
          throw error;
        }
      },
      async return() {
        end();
        await rest.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  return {
    read,
    async open(pieces) {
      if (open >= maxOpen) {
        throw new AppError('overloaded', `There are already ${maxOpen} exports under way.`, {
          retryAfter: 30,
        });
      }
      open += 1;
      try {
        const rest = pieces[Symbol.asyncIterator]();
        const iterator = counted(await rest.next(), rest);
        return { [Symbol.asyncIterator]: () => iterator };
      } catch (error) {
        open -= 1;
        throw error;
      }
    },
  };
}
