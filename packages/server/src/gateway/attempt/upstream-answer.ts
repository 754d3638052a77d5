/** The provider's side of one attempt as undici tells of it. */
import type { Dispatcher } from 'undici';
import { readHead } from './answer-head.ts';
import type { Attempt, Receiver } from './attempt.ts';
import { UnusableAnswerError } from './faults.ts';

/** Most heads of 1xx before the answer itself. Each one lets the provider take its time again. */
const MAX_INTERIM_HEADS = 32;

/** Hands what arrives to the attempt. undici takes no exception from some of these, so none leaves any. */
export class UpstreamAnswer implements Dispatcher.DispatchHandler {
  readonly #attempt: Attempt;
  readonly #receiver: Receiver;
  #interimHeads = 0;

  /** @param receiver its `guard` wraps all work here */
  constructor(attempt: Attempt, receiver: Receiver) {
    this.#attempt = attempt;
    this.#receiver = receiver;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#receiver.guard(() => this.#attempt.started(controller));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _parsed: unknown,
    phrase = '',
  ): void {
    this.#receiver.guard(() => {
      if (status >= 200) this.#attempt.begin(controller, readHead(status, phrase, rawHeadersOf(controller)));
      else if (++this.#interimHeads > MAX_INTERIM_HEADS)
        controller.abort(new UnusableAnswerError('too many heads of 1xx'));
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#receiver.guard(() => this.#attempt.data(controller, chunk));
  }

  onResponseEnd(): void {
    this.#receiver.guard(() => this.#attempt.end(null));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#receiver.guard(() => this.#attempt.end(error));
  }
}

/** Names and values in turn; every provider is spoken to in HTTP/1.1, which gives them as bytes. */
function rawHeadersOf({ rawHeaders }: Dispatcher.DispatchController): readonly Buffer[] {
  return Array.isArray(rawHeaders) ? rawHeaders.filter((part) => Buffer.isBuffer(part)) : [];
}
