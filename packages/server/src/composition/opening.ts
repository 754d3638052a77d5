/** Parts that are opened one after another and closed in reverse, also when a later one fails to open. */

export interface Opening {
  /** True from the moment closing began. */
  readonly closing: boolean;
  /**
   * Opens a part and remembers how it is closed. An error of `open` goes on to the caller: a part that fails to open closes
   * what it had begun itself. Refuses (throws) once closing began.
   *
   * @example const db = await opening.part('database', () => createDatabase(options), (db) => db.close());
   */
  part<Part>(name: string, open: () => Part | Promise<Part>, close: Close<Part>): Promise<Part>;
}

type Close<Part> = (part: Part) => void | Promise<void>;

/** The opened whole, and how to close it. */
export interface Opened<Whole> {
  readonly whole: Whole;
  /** Closes every part, the last opened first. Safe to call twice. */
  close(): Promise<void>;
}

export interface OpeningOptions {
  /** Called for each part that failed to close; the others are still closed. */
  readonly onFailure: (part: string, error: unknown) => void;
  /** Runs when everything is closed, whether the whole was ever opened or not. */
  readonly onClosed: () => void;
}

/**
 * Opens a whole part by part. When one fails, the parts opened before are closed in reverse order and its error is
 * thrown.
 *
 * @example const { whole, close } = await openTogether((opening) => openServer(opening, options), { onFailure, onClosed });
 */
export async function openTogether<Whole>(
  open: (opening: Opening) => Promise<Whole>,
  { onFailure, onClosed }: OpeningOptions,
): Promise<Opened<Whole>> {
  const parts: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];
  let closing = false;
  let closed: Promise<void> | null = null;

  async function closeAll(): Promise<void> {
    closing = true;
    for (const { name, close } of parts.reverse()) {
      try {
        await close();
      } catch (error) {
        onFailure(name, error);
      }
    }
    onClosed();
  }
  const close = (): Promise<void> => {
    closed ??= closeAll();
    return closed;
  };
  const opening: Opening = {
    get closing() {
      return closing;
    },
    async part(name, openPart, closePart) {
      if (closing) throw new Error(`${name} is not opened: the server is closing.`);
      const part = await openPart();
      parts.push({ name, close: () => closePart(part) });
      return part;
    },
  };
  try {
    return { whole: await open(opening), close };
  } catch (error) {
    await close();
    throw error;
  }
}
