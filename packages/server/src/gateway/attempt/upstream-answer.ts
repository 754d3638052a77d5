/** The provider's side of one call as undici tells of it. */
import type { Dispatcher } from 'undici';
import type { Exchange } from '../exchange.ts';
import { readHead } from './answer-head.ts';
import { UnusableAnswer } from './faults.ts';

/** Most heads of 1xx before the answer itself. Each one lets the provider take its time again. */
const MAX_INTERIM_HEADS = 32;

/** Hands what arrives to the exchange. undici takes no exception from some of these, so none leaves any. */
export class UpstreamAnswer implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  #interimHeads = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#exchange.guard(() => this.#exchange.started(controller));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _parsed: unknown,
    phrase = '',
  ): void {
    this.#exchange.guard(() => {
      if (status >= 200) this.#exchange.begin(controller, readHead(status, phrase, rawHeadersOf(controller)));
      else if (++this.#interimHeads > MAX_INTERIM_HEADS)
        controller.abort(new UnusableAnswer('too many heads of 1xx'));
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#exchange.guard(() => this.#exchange.data(controller, chunk));
  }

  onResponseEnd(): void {
    this.#exchange.guard(() => this.#exchange.end(null));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#exchange.guard(() => this.#exchange.end(error));
  }
}

/** Names and values in turn; every provider is spoken to in HTTP/1.1, which gives them as bytes. */
function rawHeadersOf({ rawHeaders }: Dispatcher.DispatchController): readonly Buffer[] {
  return Array.isArray(rawHeaders) ? rawHeaders.filter((part) => Buffer.isBuffer(part)) : [];
}
