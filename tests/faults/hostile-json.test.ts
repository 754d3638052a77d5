import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answers, type HostileAnswer } from './answers.ts';
import { eventBodies, everyNth, type HostileBody, requestBodies } from './bodies.ts';
import { startUnderAttack, type UnderAttack } from './under-attack.ts';
import { expectUnharmed } from './unharmed.ts';

const MEGABYTE = 1_048_576;

let server: UnderAttack;
beforeAll(async () => {
  server = await startUnderAttack();
});
afterAll(() => server.stop());

/** The one whose name has all of these parts. */
function pick<One extends { readonly name: string }>(all: Iterable<One>, ...parts: readonly string[]): One {
  for (const one of all) if (parts.every((part) => one.name.includes(part))) return one;
  throw new Error(`there is none of ${parts.join(', ')}`);
}

const packed = (shape: string, place: string) =>
  pick(eventBodies(60 * MEGABYTE, true), `${shape} as ${place},`);
const plain = (shape: string, place: string) => pick(eventBodies(8 * MEGABYTE), `${shape} as ${place},`);

const EVENTS: readonly (readonly [string, () => HostileBody, number, string])[] = [
  ['20 million objects as usage', () => packed('empty objects', 'usage'), 400, 'usage_too_large'],
  ['lists in lists', () => plain('lists in lists', 'usage'), 400, 'invalid_json'],
  ['lists without end', () => plain('lists that are never closed', 'the whole body'), 400, 'invalid_json'],
  ['a model of 8 MB', () => plain('one text', 'model'), 400, 'event_too_large'],
  ['a response of 60 MB', () => packed('small objects', 'a response'), 200, '"accepted":1'],
  [
    'too much between good ones',
    () => plain('counts of every name', 'between neighbours'),
    200,
    '"accepted":2',
  ],
  ['a stream of 8 MB', () => plain('words', 'the stream of a line'), 200, 'results'],
];

test.each(EVENTS)('a server goes on where an event holds %s', async (_name, body, status, said) => {
  const told = await server.send(body());
  expect([told.status, told.body]).toEqual([status, expect.stringContaining(said)]);
  await expectUnharmed(server);
});

test.each([
  ['lists without end', 'lists that are never closed as the whole body'],
  ['objects without end', 'empty objects as messages'],
  ['a model of 20 MB', 'one text as model'],
])('a gateway goes on where a call holds %s', async (_name, part) => {
  expect((await server.send(pick(requestBodies(20 * MEGABYTE), part))).status).toBe(200);
  await expectUnharmed(server);
});

const ANSWERS: readonly (readonly [string, () => HostileAnswer])[] = [
  ['blanks', () => pick(answers(16 * MEGABYTE), 'blanks as the whole answer')],
  ['brackets', () => pick(answers(16 * MEGABYTE), 'lists that are never closed as the whole answer')],
  ['an event of 16 MB', () => pick(answers(16 * MEGABYTE), 'words as choices of an event')],
  ['lines of no field', () => pick(answers(4 * MEGABYTE), 'lines as usage of an event')],
  ['compressed blanks', () => pick(answers(200 * MEGABYTE, 'gzip'), 'blanks as the whole answer')],
  ['compressed objects', () => pick(answers(60 * MEGABYTE, 'br'), 'empty objects as the whole stream')],
];

test.each(ANSWERS)('a gateway passes on an answer of %s and goes on', async (_name, answer) => {
  expect((await server.ask(answer())).status).toBe(200);
  await expectUnharmed(server);
});

describe('every place and shape, in small', () => {
  test('is answered without a fault of the server', async () => {
    const bodies = [...everyNth(eventBodies(20_000), 17), ...everyNth(requestBodies(20_000), 17)];
    for (const body of bodies) {
      const { status, body: text } = await server.send(body);
      expect([body.name, status, text.slice(0, 200)]).toEqual([
        body.name,
        expect.toSatisfy(isNoFault),
        expect.any(String),
      ]);
    }
    for (const answer of everyNth(answers(20_000), 17)) {
      expect([answer.name, (await server.ask(answer)).status]).toEqual([answer.name, 200]);
    }
    await expectUnharmed(server);
  });
});

const isNoFault = (status: number) => status >= 200 && status < 500;
