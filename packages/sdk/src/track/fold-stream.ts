/**
 * Folds a stream into the body the same call would have had without streaming, as far as billing goes.
 * Counts of later events replace earlier ones, never add: every provider's stream usage is cumulative.
 */

import type { BillableCall } from './billable-call.ts';
import { type Body, isBody } from './billing-body.ts';

/** How a stream ended by its own word. */
export type StreamWord = 'open' | 'ended' | 'failed';

const LONGEST_LINE = 16 * 1024 * 1024;

export class StreamFold {
  readonly #shape: BillableCall['shape'];
  readonly #decoder = new TextDecoder();
  #line = '';
  #skipping = false;
  #body: { [key: string]: unknown } | undefined;
  #word: StreamWord = 'open';

  constructor(shape: BillableCall['shape']) {
    this.#shape = shape;
  }

  /** Bytes as they arrived, split anywhere. */
  push(bytes: Uint8Array): void {
    const lines = (this.#line + this.#decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r/);
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#skipping) this.#skipping = false;
      else this.#read(line);
    }
    if (this.#line.length > LONGEST_LINE) {
      this.#line = '';
      this.#skipping = true;
    }
  }

  /** The folded body, nothing where no event came; and whether the provider said that it had ended. */
  finish(): { readonly body: Body | undefined; readonly word: StreamWord } {
    if (this.#line !== '' && !this.#skipping) this.#read(this.#line);
    this.#line = '';
    return { body: this.#body, word: this.#word };
  }

  #read(line: string): void {
    if (!line.startsWith('data:')) return;
    const data = line.slice(5).trim();
    if (data === '[DONE]') {
      if (this.#word === 'open') this.#word = 'ended';
      return;
    }
    if (this.#body !== undefined && !this.#matters(data)) return;
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      // Broken or cut frames say nothing about usage.
      return;
    }
    if (isBody(event)) this.#add(event);
  }

  /** A cheap look before parsing: most events are pieces of text. */
  #matters(data: string): boolean {
    if (data.includes('"error"')) return true;
    switch (this.#shape) {
      case 'messages':
        return (
          data.includes('"usage"') || data.includes('"message_stop"') || data.includes('server_tool_use')
        );
      case 'responses':
        return data.includes('"response"') || data.includes('output_item.done');
      default:
        return data.includes('_tokens"') || data.includes('usage') || data.includes('"finish_reason":"');
    }
  }

  #add(event: Body): void {
    if (event['type'] === 'error' || isBody(event['error'])) this.#word = 'failed';
    if (this.#shape === 'messages') this.#addMessageEvent(event);
    else if (this.#shape === 'responses') this.#addResponseEvent(event);
    else this.#addChunk(event);
  }

  #addChunk(chunk: Body): void {
    const { choices, usage, ...rest } = chunk;
    this.#body ??= {};
    for (const [key, value] of Object.entries(rest)) {
      if (value !== null && value !== '' && value !== 0) this.#body[key] = value;
    }
    if (isBody(usage)) this.#body['usage'] = usage;
    const finished =
      Array.isArray(choices) &&
      choices.some((one) => isBody(one) && typeof one['finish_reason'] === 'string');
    if (finished && this.#word === 'open') this.#word = 'ended';
    this.#body['object'] = chunk['object'] === 'text_completion' ? 'text_completion' : 'chat.completion';
  }

  #addResponseEvent(event: Body): void {
    const type = String(event['type'] ?? '');
    const terminal = /^response\.(completed|incomplete|failed|cancelled)$/.test(type);
    if (isBody(event['response'])) {
      const output = this.#body?.['output'];
      this.#body = { ...event['response'] };
      if (!terminal && output !== undefined) this.#body['output'] = output;
      if (terminal) this.#word = type === 'response.failed' ? 'failed' : 'ended';
    } else if (type === 'response.output_item.done' && isBody(event['item'])) {
      // A stream cut later has still run this tool.
      this.#body ??= { object: 'response' };
      const output = Array.isArray(this.#body['output']) ? this.#body['output'] : [];
      this.#body['output'] = [...output, event['item']];
    }
  }

  #addMessageEvent(event: Body): void {
    if (event['type'] === 'message_stop' && this.#word === 'open') this.#word = 'ended';
    if (isBody(event['message'])) this.#body = { ...event['message'] };
    const usage = event['usage'];
    if (event['type'] !== 'message_delta' || !isBody(usage)) return;
    this.#body ??= { type: 'message', role: 'assistant' };
    const known = isBody(this.#body['usage']) ? this.#body['usage'] : {};
    const given = Object.entries(usage).filter(([, value]) => value !== null);
    this.#body['usage'] = { ...known, ...Object.fromEntries(given) };
  }
}
