/** The other side of the comparison: events in memory, and sums added up one by one. */
import fc from 'fast-check';
import type { Bucket } from '../../packages/server/src/clock/buckets.ts';
import type { CostFilters, Dimension } from '../../packages/server/src/costs/cost-query.ts';
import { type AllSums, NO_SUMS } from '../../packages/server/src/costs/sums.ts';
import { type SeedEvent, seedEvent } from '../postgres/seed-events.ts';

// Both clock changes of autumn 2026 in Europe and America lie inside, and a change of month.
export const FROM = Date.UTC(2026, 9, 20);
export const TO = Date.UTC(2026, 10, 12);
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
];
/** Reporting zones; the first two have the same midnights, written differently. */
export const TENANTS: { readonly [id: string]: string } = {
  acme: 'Europe/Berlin',
  umbrella: 'Europe/Paris',
  globex: 'Asia/Kathmandu',
  initech: 'UTC',
  hooli: 'Pacific/Chatham',
};

export const MINUTE = 60_000;
export const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const KEYS = ['0190b3c2-0000-7000-8000-000000000001', '0190b3c2-0000-7000-8000-000000000002'];

export const eventArbitrary: fc.Arbitrary<SeedEvent> = fc
  .record({
    tenant: oneOf(...Object.keys(TENANTS)),
    // Whole quarter hours, a millisecond before them, and anything between.
    time: fc
      .tuple(
        fc.integer({ min: FROM / (15 * MINUTE), max: TO / (15 * MINUTE) - 1 }),
        oneOf(0, 0, -1, 1, 431_234),
      )
      .map(([quarter, ms]) => Math.max(FROM, quarter * 15 * MINUTE + ms)),
    provider: oneOf('openai', 'anthropic'),
    model: oneOf('m-1', 'm-2', 'm-3', 'm-4', "m'; drop table usage_events; --"),
    operation: oneOf('chat', 'embedding'),
    status: oneOf<SeedEvent['status']>('ok', 'ok', 'ok', 'error', 'aborted'),
    agent: oneOf(null, 'crawler', 'writer', 'critic'),
    project: oneOf(null, 'search', 'mail'),
    user: oneOf(null, 'u-1', 'u-2'),
    workflow: oneOf(null, 'wf-1', 'wf-2'),
    environment: oneOf(null, 'production'),
    apiKey: oneOf(null, ...KEYS),
    session: oneOf(null, 's-1'),
    tags: oneOf<SeedEvent['tags']>(
      {},
      { team: 'a' },
      { team: 'b', 'odd "key\'': 'x' },
      { team: 'a', 'odd "key\'': 'x', cost: 'centre' },
      { team: '' },
    ),
    inputTokens: fc.nat(1_000_000),
    outputTokens: fc.nat(1_000_000),
    cacheReadTokens: fc.nat(500_000),
    costPicos: fc.option(fc.bigInt(0n, 10n ** 16n), { freq: 6 }),
    latencyMs: fc.option(
      fc.oneof(
        fc.double({ min: 0, max: 5_000, noNaN: true }),
        // At the edges of bins, and past the last one.
        oneOf(0, 1.9995, 2, 2.8285, 741_455.2, 5_000_000),
      ),
      { freq: 5 },
    ),
  })
  .map((facts) => seedEvent(facts));

/** A dimension as the event has it. */
export function valueIn(event: SeedEvent, dimension: Dimension): string {
  if (dimension.startsWith('tag.')) return event.tags[dimension.slice(4)] ?? '';
  if (dimension === 'door') return 'api';
  if (dimension === 'api_key') return event.apiKey ?? '';
  return String(event[dimension as 'model'] ?? '');
}

export const matches = (event: SeedEvent, filters: CostFilters): boolean =>
  Object.entries(filters).every(([name, wanted]) => wanted?.includes(valueIn(event, name as Dimension)));

export const keyOf = (event: SeedEvent, groupBy: readonly Dimension[]): string =>
  JSON.stringify(groupBy.map((dimension) => valueIn(event, dimension)));

/** Every sum but the bins; latencies are kept whole instead. */
export type NaiveSums = Omit<AllSums, 'latencyBins'> & { readonly latencies: readonly number[] };

export function addUp(list: readonly SeedEvent[]): NaiveSums {
  const picos = (of: (cost: bigint) => bigint) =>
    list.reduce((sum, { costPicos }) => sum + (costPicos === null ? 0n : of(costPicos)), 0n);
  const count = (of: (event: SeedEvent) => number) => list.reduce((sum, event) => sum + of(event), 0);
  const cost = picos((whole) => whole);
  const latencies = list
    .flatMap(({ latencyMs }) => (latencyMs === null ? [] : [Math.floor(latencyMs * 1000 + 0.5)]))
    .sort((a, b) => a - b);
  return {
    ...NO_SUMS,
    costPicos: cost,
    listCostPicos: cost,
    inputCostPicos: picos((whole) => whole - whole / 4n),
    outputCostPicos: picos((whole) => whole / 4n),
    cacheReadCostPicos: picos((whole) => (whole - whole / 4n) / 3n),
    requests: list.length,
    errors: count((event) => (event.status === 'ok' ? 0 : 1)),
    unpricedRequests: count((event) => (event.costPicos === null ? 1 : 0)),
    inputTokens: count((event) => event.inputTokens),
    outputTokens: count((event) => event.outputTokens),
    cacheReadTokens: count((event) => event.cacheReadTokens),
    timedRequests: latencies.length,
    latencyUs: BigInt(latencies.reduce((sum, us) => sum + us, 0)),
    latencies,
  };
}

/** The calendar as the platform's own formatter tells it, not as the code under test computes it. */
export function createLabel(zone: string, bucket: Bucket): (time: number) => string {
  const days = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  if (bucket === 'day') return (time) => days.format(time);
  if (bucket === 'month') return (time) => days.format(time).slice(0, 7);
  if (bucket === 'week') return (time) => weekOf(days.format(time));
  const hours = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  return (time) => {
    const at = Object.fromEntries(hours.formatToParts(time).map(({ type, value }) => [type, value]));
    const offset = at['timeZoneName'] === 'GMT' ? '+00:00' : (at['timeZoneName'] ?? '').slice(3);
    return `${days.format(time)}T${at['hour']}:00${offset}`;
  };
}

/** ISO 8601: the week belongs to the year of its Thursday. */
function weekOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000);
  const week =
    Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * 86_400_000)) + 1;
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}
