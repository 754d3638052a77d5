import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import { attacksOn, type FoundRegex, regexesOf } from './regexes.ts';

const SHORT = 25_000;
const LONG = 100_000;
/** Less processor time than this is no harm, whatever it grows with. */
const HARMLESS_MS = 25;
/** Four times the text: four times the time where it grows with the length, sixteen where with its square. */
const MOST_GROWTH = 9;
/** An expression that takes exponential time never ends by itself. */
const HANGS_MS = 20_000;

const run = new vm.Script('[...text.matchAll(regex)].length');

/** Processor time of finding every match, in milliseconds; the least of `tries`. */
function costOf({ source, flags }: FoundRegex, text: string, tries: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let left = tries; left > 0; left -= 1) {
    const regex = new RegExp(source, flags.includes('g') ? flags : `${flags}g`);
    const begun = process.cpuUsage();
    run.runInNewContext({ text, regex }, { timeout: HANGS_MS });
    const { user, system } = process.cpuUsage(begun);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** The expressions that take more than time in proportion to the text. */
function offenders(regexes: readonly FoundRegex[]): string[] {
  return regexes.flatMap((regex) => {
    const long = attacksOn(regex, LONG);
    const short = attacksOn(regex, SHORT);
    const bad = long.findIndex((text, index) => {
      if (costOf(regex, text, 1) < HARMLESS_MS) return false;
      const [slow, fast] = [costOf(regex, text, 3), costOf(regex, short[index] ?? '', 3)];
      return slow > HARMLESS_MS && slow > MOST_GROWTH * fast;
    });
    return bad === -1
      ? []
      : [`${regex.place} /${regex.source}/ on ${JSON.stringify(long[bad]?.slice(0, 40))}`];
  });
}

describe('regular expressions', () => {
  test.each(['pricing', 'contract', 'sdk', 'cli', 'server'])(
    'of %s take time in proportion to the text, whatever the text',
    (workspace) => {
      const regexes = regexesOf([workspace]);
      expect(regexes.length).toBeGreaterThan(0);
      expect(offenders(regexes)).toEqual([]);
    },
    120_000,
  );

  test('that do not are found', () => {
    const bad = ['\\s+$', '(a+)+b', '(.*),(.*),(.*)x', '"(?:[^"]|\\\\.)*"x'];
    const regexes = bad.slice(0, 1).map((source) => ({ source, flags: '', place: 'here' }));
    expect(offenders(regexes)).toHaveLength(1);
  });
});
