import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printFigures } from '../crash/report.ts';
import { answers, type Encoding } from './answers.ts';
import { eventBodies, everyNth, type HostileBody, requestBodies } from './bodies.ts';
import { startUnderAttack, type UnderAttack } from './under-attack.ts';
import { expectUnharmed } from './unharmed.ts';

const MEGABYTE = 1_048_576;

let server: UnderAttack;
beforeAll(async () => {
  server = await startUnderAttack();
});
afterAll(async () => {
  const { longestBusyMs, peakResidentBytes } = await server.vitals();
  const { sent, accepted, p99Ms } = server.neighbour();
  printFigures('hostile bodies and answers', {
    longest_turn_ms: Math.round(longestBusyMs),
    peak_mb: Math.round(peakResidentBytes / MEGABYTE),
    neighbour_sent: sent,
    neighbour_accepted: accepted,
    neighbour_p99_ms: Math.round(p99Ms),
  });
  await server.stop();
});

async function sendAll(bodies: Iterable<HostileBody>): Promise<number> {
  let sent = 0;
  for (const body of bodies) {
    const { status, body: text } = await server.send(body);
    // A body that is refused before it has arrived may end with its connection.
    expect([body.name, status < 500, text]).toEqual([body.name, true, expect.any(String)]);
    sent += 1;
  }
  await expectUnharmed(server);
  return sent;
}

describe('a server that is given the whole corpus', () => {
  const events: readonly (readonly [number, boolean, number])[] = [
    [300, false, 1],
    [30_000, false, 1],
    [1_000_000, true, 3],
    [14 * MEGABYTE, false, 11],
    [60 * MEGABYTE, true, 29],
  ];
  test.each(events)('goes on with events of %i bytes (compressed: %s)', async (size, gzip, nth) => {
    expect(await sendAll(everyNth(eventBodies(size, gzip), nth))).toBeGreaterThan(10);
  });

  test.each([
    [300, 1],
    [300_000, 2],
    [60 * MEGABYTE, 13],
  ])('goes on with calls of %i bytes', async (size, nth) => {
    expect(await sendAll(everyNth(requestBodies(size), nth))).toBeGreaterThan(10);
  });

  const given: readonly (readonly [number, Encoding, number])[] = [
    [300, 'identity', 1],
    [30_000, 'identity', 1],
    [30_000, 'gzip', 2],
    [30_000, 'zstd', 5],
    [4 * MEGABYTE, 'identity', 7],
    [60 * MEGABYTE, 'identity', 31],
    [100 * MEGABYTE, 'gzip', 29],
    [100 * MEGABYTE, 'br', 37],
  ];
  test.each(given)('goes on with answers of %i bytes, %s', async (size, encoding, nth) => {
    for (const answer of everyNth(answers(size, encoding), nth)) {
      expect([answer.name, (await server.ask(answer)).status]).toEqual([answer.name, 200]);
    }
    await expectUnharmed(server);
  });
});
