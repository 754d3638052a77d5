import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import { attacksOn, type FoundRegex, regexesOf } from './regexes.ts';

/** A square shows here already; what grows in proportion takes less than a millisecond. */
const SHORT = 12_500;
const LONG = 100_000;
const SUSPECT_MS = 3;
/** Less processor time than this is no harm, whatever it grows with. */
const HARMLESS_MS = 25;
/** Eight times the text: eight times the time where it grows with the length, sixty-four where with its square. */
const MOST_GROWTH = 20;
/** An expression that takes exponential time never ends by itself. */
const HANGS_MS = 2_000;

const context = vm.createContext({
  texts: [],
  regex: /x/g,
  costs: [],
  cpu: () => process.cpuUsage().user / 1000,
});
const run = new vm.Script(`costs = texts.map((text) => {
  const begun = cpu();
  for (const found of text.matchAll(regex)) void found;
  return cpu() - begun;
})`);

/** Processor time of finding every match in each text, in milliseconds; null where that does not end. */
function costsOf({ source, flags }: FoundRegex, texts: readonly string[]): readonly number[] | null {
  context['texts'] = texts;
  context['regex'] = new RegExp(source, flags.includes('g') ? flags : `${flags}g`);
  try {
    run.runInContext(context, { timeout: HANGS_MS });
    return context['costs'] as readonly number[];
  } catch {
    return null;
  }
}

/** The least of three, since another program may have been at work; infinite where it does not end. */
function costOf(regex: FoundRegex, text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let left = 3; left > 0; left -= 1) {
    const cost = costsOf(regex, [text])?.[0];
    if (cost === undefined) return Number.POSITIVE_INFINITY;
    least = Math.min(least, cost);
  }
  return least;
}

/** The expressions that take more than time in proportion to the text. */
function offenders(regexes: readonly FoundRegex[]): string[] {
  return regexes.flatMap((regex) => {
    const short = attacksOn(regex, SHORT);
    const costs = costsOf(regex, short);
    const long = attacksOn(regex, LONG);
    const bad = short.findIndex((text, index) => {
      if (costs !== null && (costs[index] ?? 0) < SUSPECT_MS) return false;
      const slow = costOf(regex, long[index] ?? '');
      if (slow === Number.POSITIVE_INFINITY) return true;
      return slow > HARMLESS_MS && slow > MOST_GROWTH * costOf(regex, text);
    });
    return bad === -1
      ? []
      : [`${regex.place} /${regex.source}/ on ${JSON.stringify(short[bad]?.slice(0, 40))}`];
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

  test.each(['\\s+$', '(a+)+b'])('that do not are found: %s', (source) => {
    expect(offenders([{ source, flags: '', place: 'here' }])).toHaveLength(1);
  });
});
