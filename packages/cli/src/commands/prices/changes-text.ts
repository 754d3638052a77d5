/** Changes of prices as a table, and the confirmation they may need. */
import {
  JUMP_PERCENT,
  PRICE_PROBLEMS,
  type PriceChangeAnswer,
  type PriceDoubts,
  type PriceProblem,
  priceDoubts,
} from '@farthing/contract';
import type { Command } from 'commander';
import { RefusedByServerError } from '../../access/ask-server.ts';
import { CliError, type Output, table } from '../../console/output.ts';

export interface YesOptions {
  readonly yes?: boolean;
  readonly yesJumps?: boolean;
  readonly yesZeros?: boolean;
  readonly yesVanished?: boolean;
  readonly yesUnreadable?: boolean;
}

/** Adds the options that confirm each kind of doubtful change. */
export function withYes(made: Command): Command {
  return made
    .option('--yes', 'take over all that looks wrong; what is no price is left out')
    .option('--yes-jumps', `take over prices that move by more than ${JUMP_PERCENT} %`)
    .option('--yes-zeros', 'take over prices that become 0')
    .option('--yes-vanished', 'let go of models and prices that are gone from the table')
    .option('--yes-unreadable', 'leave out what is no price: no number, negative, unusable');
}

/** The options, each with the kinds of doubt it settles. */
const YES = {
  yesJumps: { flag: '--yes-jumps', kinds: ['jump'] },
  yesZeros: { flag: '--yes-zeros', kinds: ['zero'] },
  yesVanished: { flag: '--yes-vanished', kinds: ['vanished'] },
  yesUnreadable: { flag: '--yes-unreadable', kinds: ['not_a_number', 'negative', 'unusable'] },
} as const satisfies {
  readonly [option in Exclude<keyof YesOptions, 'yes'>]: {
    readonly flag: string;
    readonly kinds: readonly PriceProblem[];
  };
};
const YES_OPTIONS = Object.keys(YES) as (keyof typeof YES)[];

/** Their values for the server. */
export function confirmed(options: YesOptions): boolean | PriceProblem[] {
  if (options.yes === true) return true;
  return YES_OPTIONS.flatMap((option): readonly PriceProblem[] =>
    options[option] === true ? YES[option].kinds : [],
  );
}

/**
 * Runs a change that may be refused until it is confirmed. Such a refusal is printed on stdout as `prices diff` prints
 * changes, with the options that confirm them. Any other refusal is thrown unchanged.
 */
export async function withDoubts<Result>(
  options: YesOptions,
  output: Output,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const doubts = error instanceof RefusedByServerError ? doubtsOf(error.details) : null;
    if (doubts === null) throw error;
    output.result({ refused: true, ...doubts }, () => changesText(doubts.changes));
    throw new CliError(doubtsText(doubts, options));
  }
}

/** The server's answer if changes must be confirmed and were not; null for another refusal. */
function doubtsOf(details: unknown): PriceDoubts | null {
  return priceDoubts.safeParse(details).success ? (details as PriceDoubts) : null;
}

function doubtsText({ needs }: PriceDoubts, given: YesOptions): string {
  const kinds = PRICE_PROBLEMS.filter((problem) => needs[problem] !== undefined);
  const counts = kinds.map((problem) => `${needs[problem]} ${problem.replaceAll('_', ' ')}`);
  const flags = YES_OPTIONS.filter(
    (option) => given[option] === true || YES[option].kinds.some((kind) => kinds.includes(kind)),
  ).map((option) => YES[option].flag);
  const leftOut = YES.yesUnreadable.kinds.some((kind) => kinds.includes(kind));
  return `Nothing was changed: these changes need a yes (${counts.join(', ')}). Look at them and repeat the command with ${flags.join(' ')}${
    leftOut ? '; what is no price is left out then' : ''
  }.`;
}

export function changesText(changes: readonly PriceChangeAnswer[]): string {
  if (changes.length === 0) return 'no differences';
  const rows = changes.map((one) => [
    `${one.provider}/${one.model}`,
    [one.tier, one.speed, one.region ?? ''].filter((part) => part !== '' && part !== 'standard').join(' '),
    one.meter ?? '',
    priceText(one.old_usd, one.old_per),
    priceText(one.new_usd, one.new_per),
    one.percent === null ? '' : `${one.percent} %`,
    one.problem === null ? (one.message ?? '') : `${one.problem}: ${one.message ?? ''}`,
  ]);
  return table(['model', 'for', 'meter', 'old USD', 'new USD', 'change', 'remark'], rows);
}

const priceText = (usd: string | null, per: number | null) =>
  usd === null ? '' : per === null ? usd : `${usd} / ${per}`;
