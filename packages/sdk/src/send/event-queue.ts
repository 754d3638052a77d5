/** What waits to be sent: events as JSON text, bounded in bytes. */

/** One event, serialised once. */
export interface QueuedEvent {
  readonly id: string;
  readonly json: string;
}

/**
 * First in, first out. At the bound the newest event is refused rather than an older one dropped: what was
 * accepted stays accepted, and a long outage keeps its beginning.
 */
export class EventQueue {
  readonly #maxBytes: number;
  #events: QueuedEvent[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#events.length;
  }

  /** Length of the JSON text, in UTF-16 units doubled: what it may take in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False where there is no room. */
  push(event: QueuedEvent): boolean {
    const size = sizeOf(event);
    if (this.#bytes + size > this.#maxBytes) return false;
    this.#events.push(event);
    this.#bytes += size;
    return true;
  }

  /** The oldest events, up to `count`; they stay until {@link remove}d. */
  peek(count: number): readonly QueuedEvent[] {
    return this.#events.slice(0, count);
  }

  /** Removes the oldest `count`. */
  remove(count: number): void {
    for (const event of this.#events.splice(0, count)) this.#bytes -= sizeOf(event);
  }
}

function sizeOf(event: QueuedEvent): number {
  return event.json.length * 2;
}
