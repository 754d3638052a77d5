/** Load with a ledger of its own: what was sent, what was acknowledged, and what each event must cost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { UsageEventResult } from '../../packages/contract/src/index.ts';
import type { Random } from './random.ts';
import { ADMIN_KEY } from './server-process.ts';

/** gpt-4o-mini, in picos per token, written down here and not read from the book under test. */
const PICOS_PER_INPUT = 150_000n;
const PICOS_PER_OUTPUT = 600_000n;
const MODEL = 'gpt-4o-mini';

export interface SentEvent {
  readonly costPicos: bigint;
  acknowledged: boolean;
}

export interface LoadOptions {
  /** Servers to send to; writers take turns. */
  readonly urls: readonly string[];
  readonly random: Random;
  readonly writers: number;
  readonly maxBatch: number;
  /** Events in all; absent: until stopped. */
  readonly total?: number;
  /** Pause of each writer after a batch, milliseconds. */
  readonly pauseMs?: number;
  /** Hears of every answer. */
  readonly onAnswer?: (answer: Response) => void;
}

/** As it goes over the wire. */
interface LoadEvent {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Sends until stopped, repeating what got no answer, as a careful client does. */
export class Load {
  readonly sent = new Map<string, SentEvent>();
  /** Answers that say anything but "it is kept": there must be none. */
  readonly refusals: string[] = [];
  repeats = 0;
  /** Answers "on the spool". */
  queued = 0;
  /** Answers "in the database". */
  committed = 0;
  readonly #options: LoadOptions;
  readonly #run: string;
  readonly #writers: Promise<void>[];
  #stopped = false;
  #giveUp = false;
  #next = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#run = `run${options.random.seed}`;
    this.#writers = Array.from({ length: options.writers }, (_, at) => this.#write(at));
  }

  get acknowledged(): number {
    let count = 0;
    for (const event of this.sent.values()) if (event.acknowledged) count += 1;
    return count;
  }

  /** Waits until `total` is sent and acknowledged. */
  async finished(): Promise<void> {
    await Promise.all(this.#writers);
  }

  /** Begins nothing new and waits for the answers under way, repeating them as long as needed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.finished();
  }

  /** Begins nothing new and repeats nothing: what has no answer stays in doubt. */
  async abandon(): Promise<void> {
    this.#giveUp = true;
    await this.stop();
  }

  async #write(writer: number): Promise<void> {
    const { urls, random, maxBatch, total = Number.POSITIVE_INFINITY, pauseMs = 0 } = this.#options;
    for (let round = writer; !this.#stopped && this.#next < total; round += 1) {
      const size = Math.min(random.integer(1, maxBatch), total - this.#next);
      const batch = Array.from({ length: size }, () => this.#make());
      const url = urls[round % urls.length] ?? '';
      while (!(await this.#send(url, batch)) && !this.#giveUp) {
        this.repeats += 1;
        await sleep(25);
      }
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }

  #make(): LoadEvent {
    const { random } = this.#options;
    const id = `${this.#run}-${this.#next++}`;
    const [input, output] = [random.integer(0, 5_000), random.integer(0, 500)];
    const costPicos = BigInt(input) * PICOS_PER_INPUT + BigInt(output) * PICOS_PER_OUTPUT;
    this.sent.set(id, { costPicos, acknowledged: false });
    const minute = random.integer(0, 2 * 24 * 60);
    return {
      id,
      ...{ provider: 'openai', model: MODEL, operation: 'chat' },
      time: new Date(Date.UTC(2026, 9, 1) + minute * 60_000).toISOString(),
      agent: `agent-${random.integer(0, 9)}`,
      project: `project-${random.integer(0, 3)}`,
      user: `user-${random.integer(0, 49)}`,
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    };
  }

  /** True when every event of the batch was answered. */
  async #send(url: string, batch: readonly LoadEvent[]): Promise<boolean> {
    let results: readonly UsageEventResult[];
    try {
      const response = await fetch(`${url}/api/usage/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(batch),
        signal: AbortSignal.timeout(60_000),
      });
      const text = await response.text();
      this.#options.onAnswer?.(response);
      if (response.status >= 500 || response.status === 429) return false;
      if (!response.ok) throw new RefusedError(`${response.status} ${text}`);
      results = resultsOf(text);
    } catch (error) {
      if (!(error instanceof RefusedError)) return false;
      this.refusals.push(error.message);
      return true;
    }
    results.forEach((result, at) => {
      this.#note(batch[at]?.id ?? '', result);
    });
    return true;
  }

  #note(id: string, result: UsageEventResult): void {
    const event = this.sent.get(id);
    if (event === undefined || 'error' in result) {
      this.refusals.push(JSON.stringify(result));
      return;
    }
    if (result.status === 'queued') this.queued += 1;
    else this.committed += 1;
    event.acknowledged = true;
  }
}

class RefusedError extends Error {}

function resultsOf(text: string): readonly UsageEventResult[] {
  return (JSON.parse(text) as { data: { results: readonly UsageEventResult[] } }).data.results;
}
