/** Events that come late, early and out of order, in twenty zones, against the calendar of the platform. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Random, seededRandom } from '../crash/random.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { testEvent } from './events.ts';
import { brokenInvariants } from './invariants.ts';
import { addTenants, tenantOf, ZONES } from './random-ledger.ts';

const MINUTE = 60_000;
const QUARTER_HOUR = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;
/** Just after a leap day, in most zones; in the others it is still that day. */
const NOW = Date.UTC(2028, 2, 1, 0, 3);
const OLDEST = NOW - 400 * DAY;
const NEWEST = NOW + 5 * MINUTE;
const BATCH = 500;

type Zone = (typeof ZONES)[number];

/** Local dates as the platform writes them, `2028-02-29`; knows nothing of the product's calendars. */
const FORMATS = new Map<string, Intl.DateTimeFormat>(
  ZONES.map((zone) => [zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })]),
);
const CLOCKS = new Map<string, Intl.DateTimeFormat>(
  ZONES.map((zone) => [
    zone,
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }),
  ]),
);
const dateIn = (zone: Zone, time: number): string => FORMATS.get(zone)?.format(time) ?? '';

/** How far a wall clock is ahead of UTC. */
const offsetIn = (zone: Zone, time: number): number =>
  Date.parse(`${CLOCKS.get(zone)?.format(time).replace(' ', 'T')}Z`) - Math.floor(time / 1_000) * 1_000;

/** Moments at which something that is the same within each day changes: halved down to the millisecond. */
function changes<Value>(of: (time: number) => Value): number[] {
  const found: number[] = [];
  for (let from = OLDEST; from < NOW; from += DAY) {
    const to = Math.min(from + DAY, NOW);
    if (of(from) === of(to)) continue;
    let [before, after] = [from, to];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (of(middle) === of(from)) before = middle;
      else after = middle;
    }
    found.push(after);
  }
  return found;
}

/** Changes of the clocks, first days of months, and both ends of the leap day. */
function edgesIn(zone: Zone): number[] {
  const leapDay = changes((time) => dateIn(zone, time) === '2028-02-29');
  const months = changes((time) => dateIn(zone, time).slice(0, 7));
  return [...changes((time) => offsetIn(zone, time)), ...months, ...leapDay];
}

interface Sent {
  readonly zone: Zone;
  readonly id: string;
  readonly time: number;
}

function eventsIn(zone: Zone, some: number, random: Random): Sent[] {
  const edges = edgesIn(zone).flatMap((edge) => [edge - QUARTER_HOUR, edge - 1, edge, edge + 1]);
  const others = Array.from({ length: some }, () => random.integer(OLDEST, NEWEST));
  return [...edges, ...others].map((time, at) => ({ zone, id: `${tenantOf(zone)}-${at}`, time }));
}

function shuffle<Item>(items: Item[], random: Random): Item[] {
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = random.integer(0, at);
    const [a, b] = [items[at], items[other]];
    if (a !== undefined && b !== undefined) [items[at], items[other]] = [b, a];
  }
  return items;
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

/** Declares the tests; `some`: events of each zone besides those at its edges. */
export function testLateEvents(some: number): void {
  let server: TestServer;
  let sent: readonly Sent[];
  beforeAll(async () => {
    const random = seededRandom('late events');
    server = await startTestServer({}, () => NOW);
    const { db, recorder } = server.server.context;
    await addTenants(db);
    sent = shuffle(
      ZONES.flatMap((zone) => eventsIn(zone, some, random)),
      random,
    );
    // Some were cut short first, at a time of another day; where their report is there, it stands.
    const cut = sent
      .filter((_, at) => at % 10 === 0)
      .map(({ zone, id }) =>
        testEvent({ tenant: tenantOf(zone), id, time: random.integer(OLDEST, NEWEST), source: 'partial' }),
      );
    await recorder.record(cut.slice(0, cut.length / 2));
    for (let from = 0; from < sent.length; from += BATCH) {
      const body = sent.slice(from, from + BATCH).map(({ zone, id, time }) => ({
        ...{ id, tenant: tenantOf(zone), provider: 'openai', model: 'gpt-4o', operation: 'chat' },
        time: new Date(time).toISOString(),
        usage: { prompt_tokens: 3, completion_tokens: 1 },
      }));
      const answer = await server.send('POST', '/api/usage/events', { body });
      const results: { status: string }[] = answer.body.data.results;
      expect(results.filter(({ status }) => status !== 'accepted' && status !== 'superseded')).toEqual([]);
    }
    const late = await recorder.record(cut.slice(cut.length / 2));
    expect(late.filter(({ status }) => status !== 'duplicate')).toEqual([]);
    console.log(
      `late events: ${sent.length} in ${ZONES.length} zones, ${cut.length} of them cut short at another time`,
    );
  });
  afterAll(() => server.stop());

  test.each(ZONES)('late, early and reordered events count for their local day in %s', async (zone) => {
    const mine = sent.filter((event) => event.zone === zone);
    const days = countBy(mine, await calendarOf(zone, mine));
    const quarters = countBy(mine, ({ time }) =>
      new Date(Math.floor(time / QUARTER_HOUR) * QUARTER_HOUR).toISOString(),
    );
    const read = (table: string, bucket: string) =>
      server.server.context.db.asOperator(async (tx) => {
        const { rows } = await tx.query<{ bucket: string; n: number }>(
          `select ${bucket} as bucket, sum(requests)::int as n from ${table}
            where tenant_id = $1 and dimension = 'all' group by 1 having sum(requests) <> 0`,
          [tenantOf(zone)],
        );
        return Object.fromEntries(rows.map((row) => [row.bucket, row.n]));
      });
    expect(await read('rollups_day', 'bucket::text')).toEqual(days);
    const utc = `to_char(bucket at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')`;
    expect(await read('rollups_15m', utc)).toEqual(quarters);
    const trends = await server.send(
      'GET',
      `/api/cost/trends?tenant=${tenantOf(zone)}&timezone=${zone}&days=90`,
    );
    const told: { date: string; operation_count: number }[] = trends.body.data.days;
    expect(told.map(({ date, operation_count }) => [date, operation_count])).toEqual(
      told.map(({ date }) => [date, days[date] ?? 0]),
    );
    expect(told.at(-1)?.date).toBe(dateIn(zone, NOW));
  });

  /**
   * The platform's calendar; the database's where its time-zone data are of another version and a government has moved
   * its clocks in between. Days are cut by the database's word.
   */
  async function calendarOf(zone: Zone, events: readonly Sent[]): Promise<(event: Sent) => string> {
    const { rows } = await server.server.context.db.asOperator((tx) =>
      tx.query<{ date: string }>(
        `select (to_timestamp(time / 1000.0) at time zone $1)::date::text as date
           from unnest($2::float8[]) with ordinality as t (time, at) order by at`,
        [zone, events.map(({ time }) => time)],
      ),
    );
    const theirs = new Map(events.map((event, at) => [event, rows[at]?.date ?? '']));
    const differ = events.filter((event) => theirs.get(event) !== dateIn(zone, event.time));
    if (differ.length === 0) return ({ time }) => dateIn(zone, time);
    console.log(`${zone}: the database has ${differ.length} events in other days than the platform`);
    return (event) => theirs.get(event) ?? '';
  }

  test('platform and database know the same calendar in nearly all of the zones', async () => {
    let differing = 0;
    for (const zone of ZONES) {
      const mine = sent.filter((event) => event.zone === zone);
      const dateOf = await calendarOf(zone, mine);
      if (mine.some((event) => dateOf(event) !== dateIn(zone, event.time))) differing += 1;
    }
    expect(differing).toBeLessThanOrEqual(2);
  });

  test('their sums equal the events', async () => {
    expect(await brokenInvariants(server.server.context.db)).toEqual([]);
  });

  test.each([
    ['before 2020', Date.UTC(2020, 0, 1) - 1, 'time_out_of_range'],
    ['at the beginning of 2020', Date.UTC(2020, 0, 1), null],
    ['a day ahead', NOW + DAY, null],
    ['more than a day ahead', NOW + DAY + 1, 'time_out_of_range'],
  ])('a time %s is taken or refused as documented', async (_name, time, code) => {
    const body = { id: `edge-${time}`, provider: 'openai', model: 'gpt-4o', usage: { prompt_tokens: 1 } };
    const answer = await server.send('POST', '/api/usage/events', {
      body: [{ ...body, time: new Date(time).toISOString() }],
    });
    const [result] = answer.body.data.results;
    expect(result.error?.code ?? null).toBe(code);
    expect(result.status).toBe(code === null ? 'accepted' : 'rejected');
  });
}
