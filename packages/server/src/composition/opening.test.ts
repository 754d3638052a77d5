import { describe, expect, test } from 'vitest';
import { type Opening, openTogether } from './opening.ts';

const NAMES = ['ground', 'accounts', 'ledger', 'upkeep', 'http'];

/** Opens five parts; `failing` fails to open, `stuck` fail to close. Answers what happened, in order. */
async function run(failing: string | null, stuck: readonly string[] = []) {
  const steps: string[] = [];
  const opened = openTogether(
    async (opening) => {
      for (const name of NAMES) {
        await opening.part(
          name,
          async () => {
            if (name === failing) throw new Error(`${name} does not open`);
            steps.push(`+${name}`);
            return name;
          },
          async (part) => {
            if (stuck.includes(part)) throw new Error(`${part} does not close`);
            steps.push(`-${part}`);
          },
        );
      }
      return 'whole';
    },
    { onFailure: (part) => steps.push(`!${part}`), onClosed: () => steps.push('closed') },
  );
  return { steps, opened };
}

describe('parts that are opened together', () => {
  test('are closed in reverse', async () => {
    const { steps, opened } = await run(null);
    const { whole, close } = await opened;
    expect(whole).toBe('whole');
    await close();
    expect(steps).toEqual([
      ...NAMES.map((n) => `+${n}`),
      ...[...NAMES].reverse().map((n) => `-${n}`),
      'closed',
    ]);
  });

  test.each(NAMES)('are closed in reverse where %s fails to open, and its error is told', async (failing) => {
    const { steps, opened } = await run(failing);
    await expect(opened).rejects.toThrow(`${failing} does not open`);
    const before = NAMES.slice(0, NAMES.indexOf(failing));
    expect(steps).toEqual([
      ...before.map((n) => `+${n}`),
      ...[...before].reverse().map((n) => `-${n}`),
      'closed',
    ]);
  });

  test('are all closed, and each failure told, where some fail to close', async () => {
    const { steps, opened } = await run(null, ['accounts', 'http']);
    await (await opened).close();
    expect(steps.slice(NAMES.length)).toEqual([
      '!http',
      '-upkeep',
      '-ledger',
      '!accounts',
      '-ground',
      'closed',
    ]);
  });

  test('are closed once, however often that is asked', async () => {
    const { steps, opened } = await run(null);
    const { close } = await opened;
    await Promise.all([close(), close()]);
    await close();
    expect(steps.filter((step) => step === '-ground' || step === 'closed')).toEqual(['-ground', 'closed']);
  });

  test('know that closing began, and open nothing more', async () => {
    let kept: Opening | null = null;
    const { close } = await openTogether(
      async (opening) => {
        kept = opening;
        await opening.part(
          'a',
          () => expect(opening.closing).toBe(false),
          () => expect(opening.closing).toBe(true),
        );
      },
      {
        onFailure: (_part, error) => {
          throw error;
        },
        onClosed: () => undefined,
      },
    );
    await close();
    const late = (kept as Opening | null)?.part(
      'b',
      () => 1,
      () => undefined,
    );
    await expect(late).rejects.toThrow('b is not opened: the server is closing');
  });
});
