/** Clients of the gateway that remember which answers they received whole. */
import { ADMIN_KEY } from '../crash/server-process.ts';

const messages = [{ role: 'user', content: 'What is a farthing?' }];

/** Path, body, and what ends the answer for its reader (null: its length). */
const CALLS: readonly (readonly [string, { readonly [key: string]: unknown }, string | null])[] = [
  ['openai/v1/chat/completions', { model: 'gpt-5-mini', messages }, null],
  ['openai/v1/chat/completions', { model: 'gpt-5-mini', messages, stream: true }, 'data: [DONE]\n\n'],
  ['openai/v1/responses', { model: 'gpt-5-mini', input: 'x', stream: true }, '"type":"response.completed"'],
  ['anthropic/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 9, messages }, null],
  [
    'anthropic/v1/messages',
    { model: 'claude-sonnet-4-5', max_tokens: 9, messages, stream: true },
    '"type":"message_stop"',
  ],
];

const RESPONSE_ID = /"id": ?"((?:chatcmpl|msg|resp)[^"]*)"/;

export class GatewayLoad {
  /** The provider's ids of the answers that were received whole. */
  readonly whole = new Set<string>();
  brokenOff = 0;
  readonly #url: string;
  readonly #clients: Promise<void>[];
  #stopped = false;
  /** Resolves when there is a server to call. */
  #open: Promise<void> = Promise.resolve();
  #reopen: () => void = () => undefined;

  constructor(url: string, clients: number) {
    this.#url = url;
    this.#clients = Array.from({ length: clients }, (_, at) => this.#run(at));
  }

  /** Begins no call until {@link resume}: a server that is known to be down is not called. */
  pause(): void {
    this.#open = new Promise((resolve) => {
      this.#reopen = resolve;
    });
  }

  resume(): void {
    this.#reopen();
  }

  /** Begins nothing new and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#reopen();
    await Promise.all(this.#clients);
  }

  async #run(first: number): Promise<void> {
    for (let round = first; !this.#stopped; round += 1) {
      await this.#open;
      if (this.#stopped) return;
      const call = CALLS[round % CALLS.length];
      if (call === undefined) return;
      const id = await this.#call(...call).catch(() => null);
      if (id !== null) this.whole.add(id);
      else {
        this.brokenOff += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** The provider's id of an answer that came whole; null for one that did not. */
  async #call(path: string, body: unknown, last: string | null): Promise<string | null> {
    const response = await fetch(`${this.#url}/gateway/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-farthing-key': ADMIN_KEY },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok || response.body === null) return null;
    let text = '';
    let ended = false;
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
      ended = true;
    } catch {
      // The server was killed: an answer counts as whole where its reader can know that it is.
    }
    const whole = last === null ? ended : text.includes(last) && /\n\n$/.test(text);
    return whole ? (RESPONSE_ID.exec(text)?.[1] ?? 'unknown') : null;
  }
}
