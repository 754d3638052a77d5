import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answers, type HostileAnswer } from './answers.ts';
import { eventBodies, everyNth, type HostileBody, requestBodies } from './bodies.ts';
import { startUnderAttack, type UnderAttack } from './under-attack.ts';

/** A turn of the event loop may take so long, processor time of its thread. */
const LONGEST_TURN_MS = 200;
/** With bodies of 64 MB under way, the vocabulary for estimates loaded, and an answer of as much. */
const MOST_MEMORY = 1_000 * 1024 * 1024;
const MEGABYTE = 1_048_576;

let server: UnderAttack;
beforeAll(async () => {
  server = await startUnderAttack();
});
afterAll(() => server.stop());

const pick = <One extends { readonly name: string }>(
  all: Iterable<One>,
  ...parts: readonly string[]
): One => {
  for (const one of all) if (parts.every((part) => one.name.includes(part))) return one;
  throw new Error(`there is none of ${parts.join(', ')}`);
};

/** No body and no answer may freeze the server, fill its memory, or cost another tenant an event. */
async function expectUnharmed(): Promise<void> {
  const { longestBusyMs, peakResidentBytes } = await server.vitals();
  const { sent, accepted, others } = server.neighbour();
  expect(longestBusyMs).toBeLessThan(LONGEST_TURN_MS);
  expect(peakResidentBytes).toBeLessThan(MOST_MEMORY);
  expect(others).toEqual([]);
  expect(accepted).toBe(sent);
  expect(await server.stored()).toBeGreaterThanOrEqual(accepted);
}

describe('a server that is given hostile bodies', () => {
  const event: readonly (readonly [string, () => HostileBody, number, string])[] = [
    [
      'a usage of 21 million objects',
      () => pick(eventBodies(63 * MEGABYTE, true), 'empty objects as usage,'),
      400,
      'usage_too_large',
    ],
    [
      'a usage of 5 million objects, plain',
      () => pick(eventBodies(14 * MEGABYTE), 'empty objects as usage,'),
      400,
      'usage_too_large',
    ],
    [
      'counts without end',
      () => pick(eventBodies(14 * MEGABYTE), 'counts of every name as usage,'),
      400,
      'usage_too_large',
    ],
    [
      'lists in lists',
      () => pick(eventBodies(60 * MEGABYTE, true), 'lists in lists as usage,'),
      400,
      'invalid_json',
    ],
    [
      'nothing but blanks',
      () => pick(eventBodies(60 * MEGABYTE, true), 'blanks as the whole body'),
      400,
      'invalid_json',
    ],
    [
      'lists that are never closed',
      () => pick(eventBodies(14 * MEGABYTE), 'lists that are never closed'),
      400,
      'invalid_json',
    ],
    ['a model of 14 MB', () => pick(eventBodies(14 * MEGABYTE), 'one text as model'), 400, 'event_too_large'],
    [
      'a response of 60 MB',
      () => pick(eventBodies(60 * MEGABYTE, true), 'numbers as a response'),
      200,
      '"accepted":1',
    ],
    [
      'a response of small objects',
      () => pick(eventBodies(60 * MEGABYTE, true), 'small objects as a response'),
      200,
      '"accepted":1',
    ],
    [
      'one among good ones',
      () => pick(eventBodies(14 * MEGABYTE), 'empty objects as between neighbours'),
      200,
      '"accepted":2',
    ],
    [
      'one line among good ones',
      () => pick(eventBodies(14 * MEGABYTE), 'empty objects as a line between lines'),
      200,
      '"accepted":2',
    ],
    [
      'a recorded stream of 14 MB',
      () => pick(eventBodies(14 * MEGABYTE), 'words as the stream of a line'),
      200,
      'results',
    ],
  ];

  test.each(event)('goes on where an event holds %s', async (_name, body, status, said) => {
    const told = await server.send(body());
    expect([told.status, told.body]).toEqual([status, expect.stringContaining(said)]);
    await expectUnharmed();
  });

  const requests: readonly (readonly [string, readonly string[]])[] = [
    ['lists in lists', ['lists that are never closed as the whole']],
    ['deep messages', ['objects in objects as messages']],
    ['objects without end', ['empty objects as messages']],
    ['a model of 40 MB', ['one text as model']],
    ['stream options of 40 MB', ['members as stream options']],
  ];

  test.each(requests)('goes on where a call through the gateway holds %s', async (_name, parts) => {
    const told = await server.send(pick(requestBodies(40 * MEGABYTE), ...parts));
    expect(told.status).toBe(200);
    await expectUnharmed();
  });
});

describe('a gateway whose provider answers with', () => {
  const given: readonly (readonly [string, () => HostileAnswer])[] = [
    ['blanks', () => pick(answers(20 * MEGABYTE), 'blanks as the whole answer')],
    ['brackets', () => pick(answers(40 * MEGABYTE), 'lists that are never closed as the whole answer')],
    ['an event of 20 MB', () => pick(answers(20 * MEGABYTE), 'words as choices of an event')],
    [
      'a line without end',
      () => pick(answers(20 * MEGABYTE), 'a text that is never closed as data of an event'),
    ],
    ['compressed blanks', () => pick(answers(250 * MEGABYTE, 'gzip'), 'blanks as the whole answer')],
    ['objects, compressed', () => pick(answers(100 * MEGABYTE, 'br'), 'empty objects as the whole stream')],
  ];

  test.each(given)('%s passes it on and goes on', async (_name, answer) => {
    expect((await server.ask(answer())).status).toBe(200);
    await expectUnharmed();
  });
});

test('every place and shape, in small: none is answered with a fault of the server', async () => {
  const told: string[] = [];
  for (const size of [300, 30_000]) {
    for (const body of everyNth(eventBodies(size), 7)) {
      const { status, body: text } = await server.send(body);
      if (status === 0 || status >= 500) told.push(`${body.name}: ${status} ${text.slice(0, 200)}`);
    }
  }
  for (const body of everyNth(requestBodies(30_000), 5)) {
    if ((await server.send(body)).status !== 200) told.push(body.name);
  }
  for (const answer of everyNth(answers(30_000), 7)) {
    if ((await server.ask(answer)).status !== 200) told.push(answer.name);
  }
  expect(told).toEqual([]);
  await expectUnharmed();
});
