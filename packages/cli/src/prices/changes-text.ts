/** Changes of prices as a table, and the yes they may need. */
import type { PriceProblem } from '@farthing/contract';
import type { Command } from 'commander';
import { table } from '../output.ts';

export interface ChangeBody {
  readonly provider: string;
  readonly model: string;
  readonly tier: string;
  readonly speed: string;
  readonly region: string | null;
  readonly meter: string | null;
  readonly old_usd: string | null;
  readonly old_per: number | null;
  readonly new_usd: string | null;
  readonly new_per: number | null;
  readonly percent: string | null;
  readonly problem: string | null;
  readonly message: string | null;
}

export interface YesOptions {
  readonly yes?: boolean;
  readonly yesJumps?: boolean;
  readonly yesZeros?: boolean;
  readonly yesVanished?: boolean;
  readonly yesUnreadable?: boolean;
}

/** Adds the yes of each kind of doubtful change. */
export function withYes(made: Command): Command {
  return made
    .option('--yes', 'take over all that looks wrong; what is no price is left out')
    .option('--yes-jumps', 'take over prices that move by more than 50 %')
    .option('--yes-zeros', 'take over prices that become 0')
    .option('--yes-vanished', 'let go of models and prices that are gone from the table')
    .option('--yes-unreadable', 'leave out what is no price: no number, negative, unusable');
}

/** What they mean to the server. */
export function confirmed(options: YesOptions): boolean | PriceProblem[] {
  if (options.yes === true) return true;
  return [
    ...(options.yesJumps === true ? (['jump'] as const) : []),
    ...(options.yesZeros === true ? (['zero'] as const) : []),
    ...(options.yesVanished === true ? (['vanished'] as const) : []),
    ...(options.yesUnreadable === true ? (['not_a_number', 'negative', 'unusable'] as const) : []),
  ];
}

export function changesText(changes: readonly ChangeBody[]): string {
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
