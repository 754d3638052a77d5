/**
 * Rating speed on one core: our `rate` against `calcPrice` of @pydantic/genai-prices, same events, same run.
 *
 *     node bench/rating.ts
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { calcPrice } from '@pydantic/genai-prices';
import { type RatingRequest, rate } from '../packages/pricing/src/index.ts';
import { describeMachine } from './machine.ts';

const AT = Date.parse('2026-09-01T12:00:00Z');
const EVENTS = 4096;
const ROUNDS = 9;

const loadStart = performance.now();
const { book } = await import('../packages/pricing/src/generated/book.ts');
const loadMs = performance.now() - loadStart;

interface Pair {
  readonly ours: RatingRequest;
  readonly theirs: {
    readonly provider: string;
    readonly model: string;
    readonly usage: { readonly [key: string]: number };
  };
}

const MODELS = [
  ['openai', 'gpt-4o-mini'],
  ['openai', 'gpt-5-2025-08-07'],
  ['anthropic', 'claude-sonnet-4-5-20250929'],
  ['anthropic', 'claude-haiku-4-5'],
  ['google', 'gemini-2.5-flash'],
] as const;

const pairs = Array.from({ length: EVENTS }, (_, i): Pair => {
  const [provider, model] = MODELS[i % MODELS.length] ?? MODELS[0];
  const uncached = 200 + ((i * 7919) % 9000);
  const cached = (i * 104729) % 4000;
  const text = 20 + ((i * 31) % 900);
  const reasoning = (i * 17) % 300;
  const quantities = {
    input_uncached: uncached,
    input_cache_read: cached,
    output_text: text,
    output_reasoning: reasoning,
  };
  const segments = [{ model: null, quantities, contextTokens: uncached + cached }];
  const usage = {
    input_tokens: uncached + cached,
    cache_read_tokens: cached,
    output_tokens: text + reasoning,
  };
  return {
    ours: {
      provider,
      model,
      operation: 'chat',
      at: AT,
      tier: 'standard',
      speed: null,
      region: null,
      segments,
    },
    theirs: { provider, model, usage },
  };
});

const timestamp = new Date(AT);
const ours = () => pairs.forEach((pair) => void rate(book, pair.ours));
const theirs = () =>
  pairs.forEach(({ theirs: { provider, model, usage } }) => {
    calcPrice(usage, model, { providerId: provider, timestamp });
  });

interface Speed {
  /** Events per second of processor time, the collector's included: the median of the rounds, and the best. */
  readonly median: number;
  readonly best: number;
}

/** Processor time, not wall time: what else runs on the machine is not ours. Rounds last half a second each. */
function eventsPerSecond(run: () => void): Speed {
  run();
  const speeds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    const before = process.cpuUsage();
    let events = 0;
    while (performance.now() - start < 500) {
      run();
      events += EVENTS;
    }
    const { user, system } = process.cpuUsage(before);
    return (events / (user + system)) * 1e6;
  }).sort((x, y) => x - y);
  return { median: speeds[Math.floor(ROUNDS / 2)] ?? 0, best: speeds.at(-1) ?? 0 };
}

// The two must agree, or the comparison means nothing.
for (const pair of pairs) {
  const exact = rate(book, pair.ours).totalPicos;
  const price = calcPrice(pair.theirs.usage, pair.theirs.model, {
    providerId: pair.theirs.provider,
    timestamp,
  });
  const difference = Math.abs(Number(exact) / 1e12 - (price?.total_price ?? Number.NaN));
  if (!(difference < 1e-9)) throw new Error(`${pair.ours.model}: the two disagree by ${difference}`);
}

const a = eventsPerSecond(ours);
const b = eventsPerSecond(theirs);
const bytes = readFileSync(new URL('../packages/pricing/src/generated/book-data.js', import.meta.url)).length;
console.log(`${describeMachine()}, load ${loadavg()[0]?.toFixed(1)}, ${book.version}`);
console.log(`book: ${bytes} bytes, loaded in ${loadMs.toFixed(1)} ms`);
console.log(`rate      ${text(a)}`);
console.log(`calcPrice ${text(b)}`);
console.log(`ratio     ${(a.median / b.median).toFixed(1)}`);

function text({ median, best }: Speed): string {
  const [of, top] = [median, best].map((speed) => Math.round(speed).toLocaleString('en'));
  return `${of} events/s of one core (best round ${top})`;
}
