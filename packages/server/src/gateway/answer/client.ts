/** The caller's side of one call: writes with back-pressure, notices when the caller has gone, ends or breaks off. */
import type { ServerResponse } from 'node:http';

export interface ClientEvents {
  /** The caller takes bytes again. */
  onDrain(): void;
  /** The caller went away before its answer was whole. Called once at most. */
  onGone(): void;
}

/** How long a connection that was broken off may take to deliver what was already written. */
const LAST_BYTES_MS = 10_000;

export class Client {
  readonly #response: ServerResponse;
  readonly #stallMs: number;
  #stall: NodeJS.Timeout | null = null;
  #blocked = false;
  #gone = false;
  #over = false;

  /** @param stallMs longest time a caller may take no byte of an answer that waits for it */
  constructor(response: ServerResponse, stallMs: number, events: ClientEvents) {
    this.#response = response;
    this.#stallMs = stallMs;
    response.on('drain', () => {
      if (!this.#blocked) return;
      this.#unblock();
      events.onDrain();
    });
    response.once('close', () => {
      this.#unblock();
      if (this.#over || response.writableFinished) return;
      this.#gone = true;
      events.onGone();
    });
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** True while the caller takes no bytes: the provider must wait. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** @throws for a header or status line that HTTP cannot carry */
  start(status: number, statusMessage: string, headers: string[], flush: boolean): void {
    if (this.#gone) return;
    this.#response.writeHead(status, statusMessage, headers);
    if (flush) this.#response.flushHeaders();
  }

  /** Bytes the client cannot take yet are kept; `blocked` is true meanwhile. */
  write(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.#gone) return;
    if (this.#response.write(chunk) || this.#blocked) return;
    this.#blocked = true;
    this.#stall = setTimeout(() => this.#response.destroy(), this.#stallMs);
  }

  /** @param lastBytes goes out together with the end */
  end(lastBytes: Uint8Array | null, closing: boolean): void {
    this.#over = true;
    if (this.#response.destroyed) return;
    if (closing) this.#response.once('finish', () => this.#response.socket?.destroySoon());
    if (lastBytes === null || lastBytes.length === 0) this.#response.end();
    else this.#response.end(lastBytes);
  }

  /** Delivers what was written and closes the connection, so that the caller sees that the answer is not whole. */
  breakOff(): void {
    this.#over = true;
    const { socket } = this.#response;
    if (socket === null || socket.destroyed) return;
    this.#response.flushHeaders();
    socket.destroySoon();
    const late = setTimeout(() => socket.destroy(), LAST_BYTES_MS);
    late.unref();
    socket.once('close', () => clearTimeout(late));
  }

  #unblock(): void {
    this.#blocked = false;
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#stall = null;
  }
}
