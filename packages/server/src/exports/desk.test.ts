import { expect, test } from 'vitest';
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
  const first = await desk.open(pieces('a'));
  const second = await desk.open(pieces('b', 'c'));
  await expect(desk.open(pieces('d'))).rejects.toMatchObject({ code: 'overloaded' });
  expect(await all(first)).toBe('a');
  const third = await desk.open(pieces('d'));
  await expect(desk.open(pieces('e'))).rejects.toMatchObject({ code: 'overloaded' });
  await second[Symbol.asyncIterator]().return?.();
  await second[Symbol.asyncIterator]().return?.();
  const fourth = await desk.open(pieces('f'));
  await expect(desk.open(pieces('g'))).rejects.toMatchObject({ code: 'overloaded' });
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

test('no more pages are read at once than may be, in the order they were asked for', async () => {
  const desk = createExportDesk({ readsAtOnce: 2 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const reads = [0, 1, 2, 3, 4].map((page) =>
    desk.read(() => {
      begun.push(page);
      return new Promise<number>((resolve) => ends.push(() => resolve(page)));
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  expect(await reads[1]).toBe(1);
  expect(begun).toEqual([0, 1, 2]);
  for (let end = 0; end < 5; end++) {
    ends[end]?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.all(reads)).toEqual([0, 1, 2, 3, 4]);
});

test('a page that fails gives its turn on', async () => {
  const desk = createExportDesk({ readsAtOnce: 1 });
  await expect(desk.read(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await desk.read(async () => 'here')).toBe('here');
});
