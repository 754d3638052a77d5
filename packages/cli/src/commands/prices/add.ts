/** `farthing prices add` and `remove`: a card, an alias, an override of a tenant; and taking one back. */
import { changedPriceAnswer, removedVersionAnswer } from '@farthing/contract';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { askServer } from '../../access/ask-server.ts';
import { type Remote, remote } from '../../access/remote.ts';
import { run } from '../../console/command.ts';
import { confirmed, withDoubts, withYes, type YesOptions } from './changes-text.ts';

interface AddOptions extends Remote, YesOptions {
  readonly provider?: string;
  readonly model?: string;
  readonly alias?: string;
  readonly tenant?: string;
  readonly tier?: string;
  readonly region?: string;
  readonly percent?: string;
  readonly rate?: { readonly [meter: string]: string };
  readonly fixed?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly hours?: { readonly start: string; readonly end: string };
}

export function addCommand(): Command {
  const made = remote('add', 'add a card, an alias (--alias), or what a tenant is charged instead (--tenant)')
    .option('--provider <name>', 'who serves the model')
    .option('--model <name>', 'the model; with --tenant absent = every model')
    .option('--alias <name>', 'a name that stands for the model')
    .option('--tenant <id>', 'a price of this tenant alone')
    .option('--tier <tier>', 'service tier: standard, batch, flex, priority, scale')
    .option('--region <name>', 'a card for this region or class of regions; absent = for every region')
    .option('--percent <percent>', 'discount (negative) or markup of the tenant: -15')
    .option(
      '--rate <meter=usd>',
      'USD per the usual unit of a meter: input_uncached=2.5 (repeatable)',
      rateOf,
      {},
    )
    .option('--fixed', 'with --tenant: everything but the named rates is free')
    .option('--from <time>', 'from when it holds, RFC 3339')
    .option('--to <time>', 'until when, that instant not included')
    .option('--hours <start-end>', 'a card for these hours of the day, UTC: 16:30:00-00:30:00', hoursOf);
  return withYes(made).action(
    run<AddOptions>(async (options, output) => {
      const path = '/api/admin/prices';
      const added = await withDoubts(options, output, () =>
        askServer(options, changedPriceAnswer, 'POST', path, bodyOf(options)),
      );
      output.result(added, () => `added ${added.kind} ${added.id}`);
      return undefined;
    }),
  );
}

function bodyOf(options: AddOptions): object {
  const { provider, model, alias, tenant, tier, region, percent, rate = {}, from, to, hours } = options;
  // The server refuses a region or hours where they have no meaning.
  const named = { provider, model, region, timeOfDay: hours, from, to };
  if (alias !== undefined) return { kind: 'alias', alias, ...named };
  const rates = Object.keys(rate).length === 0 ? undefined : rate;
  if (tenant === undefined) return { kind: 'card', tier, rates, ...named, confirm: confirmed(options) };
  const priced = options.fixed === true ? { fixed: rates } : { rates };
  return { kind: 'override', tenant, tier, percent, ...priced, ...named };
}

function rateOf(text: string, rates: { readonly [meter: string]: string }) {
  const [, meter, usd] = /^([a-z0-9_]+)=(\S+)$/.exec(text) ?? [];
  if (meter === undefined || usd === undefined) throw new InvalidArgumentError('give meter=usd');
  return { ...rates, [meter]: usd };
}

function hoursOf(text: string) {
  const [, start, end] = /^(\d\d:\d\d:\d\d)-(\d\d:\d\d:\d\d)$/.exec(text) ?? [];
  if (start === undefined || end === undefined) throw new InvalidArgumentError('give HH:MM:SS-HH:MM:SS');
  return { start, end };
}

export function removeCommand(): Command {
  return remote('remove', 'take a price or a whole version back; its row stays, with who and when')
    .addArgument(new Argument('<kind>', 'what it is').choices(['card', 'alias', 'override', 'version']))
    .argument('<id>', 'its number, see list and versions')
    .action((kind: string, id: string, options: Remote) =>
      run<Remote>(async (given, output) => {
        const path = `/api/admin/prices/${kind === 'version' ? 'versions' : kind}/${encodeURIComponent(id)}`;
        const removed = await askServer(
          given,
          kind === 'version' ? removedVersionAnswer : changedPriceAnswer,
          'DELETE',
          path,
        );
        output.result(removed, () => `took ${kind} ${id} back; price book: ${removed.version}`);
        return undefined;
      })(options),
    );
}
