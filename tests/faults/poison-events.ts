/** Events that Postgres or the recorder refuse, in every way there is; as a spool of before the doors' bounds may hold them. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { testEvent } from '../ledger/events.ts';

/** Not a usage event by its type: what is on disk may be anything. */
function spoilt(changes: { readonly [field: string]: unknown }): UsageEvent {
  const id = randomUUID();
  return { ...testEvent({ id }), ...changes } as UsageEvent;
}

const objects = (count: number) => Array.from({ length: count }, () => ({}));
const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length);
const members = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`member-${index}`, value]));
const quantities = (given: object) => [{ model: null, quantities: given, contextTokens: 0 }];
const attributed = (given: object) => ({ ...testEvent().attribution, ...given });

/** By their fault. `size` scales the heavy ones: 1 for every run, 20 for the long ones. */
export function poisonEvents(size = 1): ReadonlyMap<string, UsageEvent> {
  return new Map<string, UsageEvent>([
    ['usage of empty objects', spoilt({ rawUsage: { calls: objects(600_000 * size) } })],
    ['usage of many members', spoilt({ rawUsage: members(100_000 * size, 1) })],
    ['one text of a megabyte', spoilt({ rawUsage: { note: 'x'.repeat(1_200_000 * size) } })],
    ['metadata without end', spoilt({ metadata: { list: Array(700_000 * size).fill(1) } })],
    ['deep usage', spoilt({ rawUsage: { deep: nested(4_000) } })],
    ['deeper usage than Postgres reads', spoilt({ rawUsage: { deep: nested(6_500) } })],
    ['a hundred thousand tags', spoilt({ attribution: attributed({ tags: members(100_000 * size, 'x') }) })],
    ['a tag of a megabyte', spoilt({ attribution: attributed({ tags: { note: noise(1_100_000) } }) })],
    ['tags that are no texts', spoilt({ attribution: attributed({ tags: { a: 7, b: null, c: {} } }) })],
    ['NUL in metadata', spoilt({ metadata: { note: '\0' } })],
    ['NUL as a member', spoilt({ rawUsage: { 'a\0b': 1 } })],
    ['NUL in the model', spoilt({ model: 'a\0b' })],
    ['NUL in the id', spoilt({ id: `nul\0${randomUUID()}` })],
    ['NUL in the response id', spoilt({ responseId: '\0' })],
    ['half a pair in usage', spoilt({ rawUsage: { note: '\ud800' } })],
    ['half a pair in the agent', spoilt({ attribution: attributed({ agent: '\udfff' }) })],
    ['half a pair in a tag', spoilt({ attribution: attributed({ tags: { '\ud800': 'x' } }) })],
    ['a model of three megabytes', spoilt({ model: noise(3_000_000) })],
    ['an id of a hundred kilobytes', spoilt({ id: noise(100_000) })],
    ['an agent too long for an index', spoilt({ attribution: attributed({ agent: noise(6_000) }) })],
    ['a provider too long for an index', spoilt({ provider: noise(9_000) })],
    ['a count beyond 2^53', spoilt({ segments: quantities({ input_uncached: 2 ** 60 }) })],
    ['a negative count', spoilt({ segments: quantities({ input_uncached: -1 }) })],
    ['a count that is text', spoilt({ segments: quantities({ input_uncached: '12' }) })],
    ['a count that is null', spoilt({ segments: quantities({ input_uncached: null }) })],
    ['a meter nobody knows', spoilt({ segments: quantities({ moon_phases: 3 }) })],
    [
      'a stated cost of 1e400',
      spoilt({ provider: 'openrouter', reportedCost: { usd: '1e400', field: 'cost' } }),
    ],
    [
      'a stated cost of 26 digits',
      spoilt({ provider: 'openrouter', reportedCost: { usd: '9'.repeat(26), field: 'cost' } }),
    ],
    ['a latency without end', spoilt({ latencyMs: 1e300 })],
    ['a negative latency', spoilt({ latencyMs: -5 })],
    ['a latency that is text', spoilt({ latencyMs: 'soon' })],
    ['a time before 2020', spoilt({ time: Date.UTC(2020, 0, 1) - 1 })],
    ['the time 0', spoilt({ time: 0 })],
    ['a time in the year 9999', spoilt({ time: Date.UTC(9999, 11, 31) })],
    ['the last time of all', spoilt({ time: 8.64e15 })],
    ['a time past all times', spoilt({ time: 1e300 })],
    ['a time that is text', spoilt({ time: '2026-11-01' })],
    ['a time that is null', spoilt({ time: null })],
    ['a fraction of a millisecond', spoilt({ time: Date.UTC(2026, 10, 1) + 0.5 })],
    ['no segments', spoilt({ segments: null })],
    ['a segment that is null', spoilt({ segments: [null] })],
    ['segments that are a number', spoilt({ segments: 7 })],
    ['no attribution', spoilt({ attribution: null })],
    ['a tenant that is a number', spoilt({ tenant: 5 })],
    ['a tenant that does not exist', spoilt({ tenant: 'nobody' })],
    ['a tenant without end', spoilt({ tenant: noise(50_000) })],
    ['an id that is a number', spoilt({ id: 12 })],
    ['an id that is empty', spoilt({ id: '' })],
    ['an id that is null', spoilt({ id: null })],
    ['a hash that is none', spoilt({ contentHash: 'xyz' })],
    ['no hash', spoilt({ contentHash: null })],
    ['a door that there is not', spoilt({ door: 'window' })],
    ['a key that is no uuid', spoilt({ attribution: attributed({ apiKeyId: 'not a uuid' }) })],
    ['a status that there is not', spoilt({ status: 'lost' })],
    ['a source that there is not', spoilt({ source: 'heaven' })],
    ['an operation that is an object', spoilt({ operation: {} })],
    ['anomalies that are a number', spoilt({ anomalies: 3 })],
    ['__proto__ in usage', spoilt({ rawUsage: JSON.parse('{"__proto__": {"polluted": true}}') as unknown })],
  ]);
}
