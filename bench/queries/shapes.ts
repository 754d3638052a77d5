/**
 * What single calls look like: 40 of each of 20 models, read, rated and stored by the product's own write path. What the
 * ledger keeps of a call is then what the benchmarks multiply.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import type pg from 'pg';
import { createDatabase } from '../../packages/server/src/db/database.ts';
import { readEvent } from '../../packages/server/src/ingest/read-event.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { installedBook } from '../../packages/server/src/price-book/installed-book.ts';
import { createRecorder } from '../../packages/server/src/record/create-recorder.ts';
import { makeIdentity } from '../../packages/server/src/tenants/identity.ts';

const PROVIDERS = ['openai', 'anthropic', 'google', 'mistral'] as const;
type Provider = (typeof PROVIDERS)[number];

/** Five models of each provider, taking turns: model `n` is of provider `n % 4`. The last one makes embeddings. */
export const MODELS = [
  ...['gpt-4o', 'claude-sonnet-4-5', 'gemini-2.5-flash', 'mistral-large-latest'],
  ...['gpt-5-mini', 'claude-opus-4-1', 'gemini-2.5-pro', 'mistral-small-latest'],
  ...['gpt-5', 'claude-haiku-4-5', 'gemini-2.0-flash', 'codestral-latest'],
  ...['o3', 'claude-3-5-haiku-latest', 'gemini-2.5-flash-lite', 'ministral-8b-latest'],
  ...['gpt-4o-mini', 'claude-sonnet-4-0', 'gemini-2.0-flash-lite', 'mistral-embed'],
] as const;
const REASONING = new Set<string>(['gpt-5-mini', 'gpt-5', 'o3', 'gemini-2.5-flash', 'gemini-2.5-pro']);

/** Calls of each model. */
export const VARIANTS = 40;
/** The tenant under which they are recorded; nothing of it stays. */
const TENANT = 'shapes';
const LARGEST = 1_000;

/** Numbers in [0, 1), the same every time (mulberry32). */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Counts {
  readonly input: number;
  readonly cached: number;
  readonly written: number;
  readonly output: number;
  readonly reasoning: number;
}

/** The provider's own usage object. */
const USAGE: { readonly [P in Provider]: (counts: Counts) => JsonObject } = {
  openai: ({ input, cached, output, reasoning }) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }),
  anthropic: ({ input, cached, written, output }) => ({
    input_tokens: input - cached - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
  }),
  google: ({ input, cached, output, reasoning }) => ({
    promptTokenCount: input,
    candidatesTokenCount: output - reasoning,
    totalTokenCount: input + output,
    cachedContentTokenCount: cached,
    ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
  }),
  mistral: ({ input, output }) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
  }),
};

function countsOf(provider: Provider, model: string, draw: () => number): Counts {
  const input = 200 + Math.floor(8_000 * draw() ** 2);
  const output = model === 'mistral-embed' ? 0 : 10 + Math.floor(1_500 * draw() ** 2);
  const share = draw();
  const cached = provider === 'mistral' ? 0 : Math.floor(input * share);
  const written = provider === 'anthropic' && share > 0.6 ? Math.floor((input - cached) / 2) : 0;
  return {
    input,
    cached,
    written,
    output,
    reasoning: REASONING.has(model) ? Math.floor(output * draw()) : 0,
  };
}

/** A hundredth is of a tier that has no price. */
function shapeEvent(shape: number, draw: () => number): UsageEvent {
  const number = Math.floor(shape / VARIANTS);
  const [provider, model] = [PROVIDERS[number % 4] ?? 'openai', MODELS[number] ?? 'gpt-4o'];
  const event = readEvent(
    {
      id: `shape-${shape}`,
      time: '2026-11-01T00:00:00Z',
      provider,
      model,
      operation: model === 'mistral-embed' ? 'embedding' : 'chat',
      usage: USAGE[provider](countsOf(provider, model, draw)),
    },
    {
      identity: makeIdentity({ keyId: 'bench', role: 'member', tenantId: TENANT }),
      door: 'gateway',
      defaults: {},
      now: Date.UTC(2026, 10, 2),
    },
  );
  const unkeyed = { ...event, attribution: { ...event.attribution, apiKeyId: null } };
  return shape % 100 === 99 ? { ...unkeyed, tier: 'scale' } : unkeyed;
}

const noLog = { recorded: () => undefined, failed: () => undefined, notice: () => undefined };

/** Records the calls and keeps their rows in the table `shapes`: all columns, and `shape`, which counts from 0. */
export async function recordShapes(
  connectionString: string,
  client: pg.Client,
  folder: string,
): Promise<void> {
  const log = { info: () => undefined, warn: () => undefined, error: console.error };
  const db = createDatabase({ connectionString, log });
  const spoolDirectory = join(folder, 'spool');
  try {
    await db.asOperator((tx) => tx.query('insert into tenants (id, name) values ($1, $1)', [TENANT]));
    const recorder = await createRecorder({ db, books: installedBook(book), spoolDirectory, log: noLog });
    const draw = drawing(7);
    const events = Array.from({ length: MODELS.length * VARIANTS }, (_, shape) => shapeEvent(shape, draw));
    for (let from = 0; from < events.length; from += LARGEST) {
      const outcomes = await recorder.record(events.slice(from, from + LARGEST));
      const other = outcomes.find(({ status }) => status !== 'accepted');
      if (other !== undefined)
        throw new Error(`A shape was not stored: ${JSON.stringify(other.id)} ${other.status}`);
    }
    await recorder.drain();
  } finally {
    await db.close();
    await rm(spoolDirectory, { recursive: true, force: true });
  }
  await client.query('create unlogged table shapes (shape int primary key, like usage_events)');
  await client.query('grant select, insert on shapes to farthing_operator');
  await client.query('begin; set local role farthing_operator');
  await client.query(
    `insert into shapes select substr(id, 7)::int, e.* from usage_events e where tenant_id = '${TENANT}'`,
  );
  for (const table of ['event_ids', 'usage_events', 'rollups_15m', 'rollups_day'] as const) {
    await client.query(`delete from ${table} where tenant_id = $1`, [TENANT]);
  }
  await client.query('delete from tenants where id = $1', [TENANT]);
  await client.query('commit');
}
