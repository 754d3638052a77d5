import { expect, test } from 'vitest';
import { askedBy, presentAsker } from '../db/asker.ts';
import { createExportDesk } from './desk.ts';

async function* pieces(...given: string[]): AsyncGenerator<string> {
  yield* given;
}
async function all(content: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of content) text += piece;
  return text;
}

test('what fails before the first piece is refused, and leaves its place free', async () => {
  const desk = createExportDesk({ maxOpen: 1 });
  async function* failing(): AsyncGenerator<string> {
    yield* [];
    throw new Error('not this way');
  }
  await expect(desk.open(failing())).rejects.toThrow('not this way');
  expect(await all(await desk.open(pieces('a', 'b')))).toBe('ab');
  expect(await all(await desk.open(pieces('c')))).toBe('c');
});

test('past the bound an export is refused until one is read to its end or let go, begun or not', async () => {
  const desk = createExportDesk({ maxOpen: 2 });
  let tenants = 0;
  const open = (...given: string[]) => {
    const asker = { tenant: `tenant ${++tenants}`, key: 'k', gone: new AbortController().signal };
    return askedBy(asker, () => desk.open(pieces(...given)));
  };
  const first = await open('a');
  const second = await open('b', 'c');
  await expect(open('d')).rejects.toMatchObject({ code: 'overloaded' });
  expect(await all(first)).toBe('a');
  const third = await open('d');
  await expect(open('e')).rejects.toMatchObject({ code: 'overloaded' });
  await second[Symbol.asyncIterator]().return?.();
  await second[Symbol.asyncIterator]().return?.();
  const fourth = await open('f');
  await expect(open('g')).rejects.toMatchObject({ code: 'overloaded' });
  expect([await all(third), await all(fourth)]).toEqual(['d', 'f']);
});

test('letting go ends what makes the pieces', async () => {
  const desk = createExportDesk();
  let ended = false;
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield 'x';
    } finally {
      ended = true;
    }
  }
  const content = await desk.open(endless());
  await content[Symbol.asyncIterator]().return?.();
  expect(ended).toBe(true);
});

test('a key has a quarter of the exports and a tenant half, so that some are always left for others', async () => {
  const desk = createExportDesk({ maxOpen: 8 });
  const open = (tenant: string, key: string) =>
    askedBy({ tenant, key, gone: new AbortController().signal }, () => desk.open(pieces('a', 'b')));
  const first = await open('acme', 'one');
  await open('acme', 'one');
  await expect(open('acme', 'one')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 30 });
  await open('acme', 'two');
  await open('acme', 'two');
  await expect(open('acme', 'three')).rejects.toMatchObject({ code: 'rate_limited' });
  for (const key of ['one', 'two', 'three', 'four']) await open(`tenant of ${key}`, key);
  await expect(open('initech', 'one')).rejects.toMatchObject({ code: 'overloaded' });
  expect(await all(first)).toBe('ab');
  await open('initech', 'one');
});

test('pages are read as the asker’s, as parts of an export, from wherever the file is written', async () => {
  const desk = createExportDesk();
  const seen: unknown[] = [];
  async function* pages(): AsyncGenerator<string> {
    for (let page = 0; page < 3; page++) {
      await desk.read(async () => seen.push([presentAsker()?.asker.key, presentAsker()?.kind]));
      yield 'x';
    }
  }
  const asker = { tenant: 'acme', key: 'k1', gone: new AbortController().signal };
  const content = await askedBy(asker, () => desk.open(pages()));
  expect(await all(content)).toBe('xxx');
  expect(seen).toEqual(Array(3).fill(['k1', 'export']));
});
