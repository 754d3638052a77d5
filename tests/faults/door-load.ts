/** Clients at every door that remember what they were promised. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_KEY } from '../crash/server-process.ts';

const messages = [{ role: 'user', content: 'What is a farthing?' }];

export class DoorLoad {
  /** Ids of events that were acknowledged over the API. */
  readonly acknowledged = new Set<string>();
  /** Ids of the events of gateway answers that came whole. */
  readonly answered = new Set<string>();
  /** Refusals with 503 and `Retry-After`, by door. */
  readonly refused = { api: 0, gateway: 0 };
  /** Anything else: there must be none. */
  readonly wrong: string[] = [];
  readonly #url: string;
  readonly #run: string;
  readonly #clients: Promise<void>[];
  #stopped = false;
  #next = 0;

  constructor(url: string, run: string, pauseMs: number) {
    this.#url = url;
    this.#run = run;
    const clients = [
      () => this.#ingest(1),
      () => this.#ingest(7),
      () => this.#call(false),
      () => this.#call(true),
    ];
    this.#clients = clients.map(async (once) => {
      while (!this.#stopped) {
        await once().catch((error: unknown) => this.wrong.push(String(error)));
        await sleep(pauseMs);
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #ingest(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => ({
      id: `${this.#run}-${this.#next++}`,
      ...{ provider: 'openai', model: 'gpt-4o-mini', agent: 'load' },
      usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
    }));
    const answer = await fetch(`${this.#url}/api/usage/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(events),
    });
    const text = await answer.text();
    if (!answer.ok) return this.#refusal('api', answer, text);
    const { data } = JSON.parse(text) as { data: { results: { id: string; status: string }[] } };
    for (const { id, status } of data.results) {
      if (['accepted', 'queued'].includes(status)) this.acknowledged.add(id);
      else this.wrong.push(`${id}: ${status}`);
    }
  }

  async #call(stream: boolean): Promise<void> {
    const answer = await fetch(`${this.#url}/gateway/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-farthing-key': ADMIN_KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5-mini', messages, stream }),
    });
    const text = await answer.text();
    if (!answer.ok) return this.#refusal('gateway', answer, text);
    const id = answer.headers.get('x-farthing-event-id');
    if (id === null) this.wrong.push('an answer without an event id');
    else if (!stream || text.endsWith('data: [DONE]\n\n')) this.answered.add(id);
    else this.wrong.push(`${id} was cut`);
  }

  #refusal(door: 'api' | 'gateway', answer: Response, text: string): void {
    const known = answer.status === 503 && answer.headers.get('retry-after') !== null;
    if (known) this.refused[door] += 1;
    else this.wrong.push(`${door}: ${answer.status} ${text}`);
  }
}
