import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printFigures } from '../crash/report.ts';
import { answers, type Encoding } from './answers.ts';
import { eventBodies, everyNth, type HostileBody, requestBodies } from './bodies.ts';
import { startUnderAttack, type UnderAttack } from './under-attack.ts';
import { expectUnharmed, LONGEST_TURN_MS } from './unharmed.ts';

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

/** The longest turn so far, to name the one that made it. */
let longest = 0;

/** The inputs that made a turn of the event loop last too long, by name. */
async function slowOne(name: string): Promise<string[]> {
  const { longestBusyMs } = await server.vitals();
  const slow = longestBusyMs > Math.max(longest, LONGEST_TURN_MS);
  longest = Math.max(longest, longestBusyMs);
  return slow ? [`${name}: ${Math.round(longestBusyMs)} ms`] : [];
}

async function sendAll(bodies: Iterable<HostileBody>): Promise<number> {
  const faults: string[] = [];
  let sent = 0;
  for (const body of bodies) {
    const { status, body: text } = await server.send(body);
    // A body that is refused before it has arrived may end with its connection.
    if (status >= 500) faults.push(`${body.name}: ${status} ${text.slice(0, 200)}`);
    faults.push(...(await slowOne(body.name)));
    sent += 1;
  }
  expect(faults).toEqual([]);
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
    const faults: string[] = [];
    for (const answer of everyNth(answers(size, encoding), nth)) {
      const { status } = await server.ask(answer);
      if (status !== 200) faults.push(`${answer.name}: ${status}`);
      faults.push(...(await slowOne(answer.name)));
    }
    expect(faults).toEqual([]);
    await expectUnharmed(server);
  });
});
