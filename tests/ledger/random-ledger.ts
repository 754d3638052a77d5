/** Random events over tenants in twenty time zones, with all that makes sums go wrong. */
import fc from 'fast-check';
import type { Database } from '../../packages/server/src/db/database.ts';
import type { TestEvent } from './events.ts';

/** Half and three-quarter hours, both ends of the day line, and days of 23, 23½, 24½ and 25 hours. */
export const ZONES = [
  'UTC',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Australia/Eucla',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'Europe/Berlin',
  'Europe/London',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Tehran',
  'Asia/Tokyo',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Pacific/Marquesas',
  'Antarctica/Troll',
] as const;

/** The tenant that has a zone; its name needs no more than its place. */
export const tenantOf = (zone: (typeof ZONES)[number]): string => `zone-${ZONES.indexOf(zone)}`;

export async function addTenants(db: Database): Promise<void> {
  await db.asOperator((tx) =>
    tx.query(
      'insert into tenants (id, name, time_zone) select id, id, zone from unnest($1::text[], $2::text[]) as t (id, zone)',
      [ZONES.map(tenantOf), [...ZONES]],
    ),
  );
}

/** Two days from the eve of each change of the clocks in one of the zones, and one common day. */
const TIMES = [
  Date.UTC(2026, 2, 8),
  Date.UTC(2026, 2, 28),
  Date.UTC(2026, 3, 4),
  Date.UTC(2026, 3, 24),
  Date.UTC(2026, 8, 5),
  Date.UTC(2026, 9, 3),
  Date.UTC(2026, 9, 24),
  Date.UTC(2026, 9, 31),
  Date.UTC(2026, 10, 10),
];

const maybe = (...names: string[]) => fc.constantFrom(null, ...names);
const KEYS = ['0198a1f2-4f11-7000-8000-00000000000a', '0198a1f2-4f11-7000-8000-00000000000b'];

/** Ids repeat within `ids`, so that some come twice, unchanged or better known. */
export const randomEvent = (ids: number): fc.Arbitrary<TestEvent & { id: string }> =>
  fc
    .record({
      tenant: fc.constantFrom(...ZONES.map(tenantOf)),
      id: fc.integer({ min: 0, max: ids }).map((id) => `id-${id}`),
      time: fc
        .tuple(fc.constantFrom(...TIMES), fc.integer({ min: 0, max: 2 * 86_400_000 }))
        .map(([day, within]) => day + within),
      model: fc.constantFrom('gpt-4o', 'gpt-4o-mini', 'o3', 'nobody-knows-this'),
      status: fc.constantFrom('ok', 'ok', 'error', 'aborted'),
      source: fc.constantFrom('reported', 'partial', 'estimated'),
      input: fc.integer({ min: 0, max: 2_000_000 }),
      cached: fc.integer({ min: 0, max: 50_000 }),
      cacheWritten: fc.constantFrom(0, 0, 1, 4_097),
      output: fc.integer({ min: 0, max: 90_000 }),
      reasoning: fc.constantFrom(0, 0, 1, 30_011),
      latencyMs: fc.oneof(
        fc.constant(null),
        fc.double({ min: 0, max: 20_000, noNaN: true }),
        fc.constantFrom(0, 0.0005, 1.4135, 1.4145, 2, 741_455.2, 86_400_000),
      ),
      agent: maybe('a', 'b', 'ä ö'),
      user: maybe('u', 'v'),
      project: maybe('p'),
      environment: maybe('production', 'staging'),
      workflow: maybe('w', 'x', 'y'),
      apiKeyId: maybe(...KEYS),
      tags: fc.constantFrom(
        {},
        { team: 'search' },
        { team: 'search', tier: 'gold' },
        { team: 'ads', tier: '' },
        { 'a.b': "it's", toString: '1' },
      ),
    })
    .map(({ agent, user, project, environment, workflow, apiKeyId, tags, ...rest }) => ({
      ...rest,
      attribution: { agent, user, project, environment, workflow, apiKeyId, tags },
    }));
