/** `farthing prices`: one's own prices, through the API of a server. */
import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { askServer } from '../api/ask-server.ts';
import { command, run } from '../command.ts';
import { CliError, EXIT, table } from '../output.ts';

interface Common {
  readonly json?: boolean;
  readonly url?: string;
}

export function pricesCommand(): Command {
  return new Command('prices')
    .description('list, search, add and import prices')
    .addCommand(listCommand())
    .addCommand(searchCommand())
    .addCommand(addCommand())
    .addCommand(importCommand(false))
    .addCommand(importCommand(true));
}

const remote = (name: string, description: string): Command =>
  command(name, description).option('--url <url>', 'a server elsewhere; its key in FARTHING_API_KEY');

interface OwnRow {
  readonly id: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly tenant?: string;
  readonly alias?: string;
  readonly kind?: string;
  readonly percent?: string | null;
  readonly rates?: unknown;
  readonly created_by: string;
  readonly removed_at: string | null;
}

interface PriceList {
  readonly version: string;
  readonly problem: string | null;
  readonly own: {
    readonly cards: readonly OwnRow[];
    readonly aliases: readonly OwnRow[];
    readonly overrides: readonly OwnRow[];
  };
  readonly cards: readonly {
    readonly provider: string;
    readonly model: string;
    readonly tier: string;
    readonly from: string | null;
    readonly rates: { readonly [meter: string]: { readonly usd: string; readonly per: number } };
  }[];
  readonly found: number;
}

function listCommand(): Command {
  return remote('list', "list one's own prices: cards, aliases and what tenants are charged instead").action(
    run<Common>(async (options, output) => {
      const list = await askServer<PriceList>(options, 'GET', '/api/admin/prices?limit=1');
      const { cards, aliases, overrides } = list.own;
      const rows = [
        ...cards.map((row) => ownRow('card', row, JSON.stringify(row.rates))),
        ...aliases.map((row) => ownRow('alias', row, `${row.alias} = ${row.model}`)),
        ...overrides.map((row) =>
          ownRow(`${row.kind} of ${row.tenant}`, row, row.percent ?? JSON.stringify(row.rates)),
        ),
      ];
      output.result({ version: list.version, problem: list.problem, own: list.own }, () =>
        [
          table(['id', 'kind', 'provider', 'model', 'terms', 'by', 'taken back'], rows),
          `price book: ${list.version}${list.problem === null ? '' : `\nnot in force: ${list.problem}`}`,
        ].join('\n'),
      );
      return undefined;
    }),
  );
}

const ownRow = (kind: string, row: OwnRow, terms: string): string[] => [
  row.id,
  kind,
  row.provider ?? 'every',
  row.model ?? 'every',
  terms,
  row.created_by,
  row.removed_at ?? '',
];

function searchCommand(): Command {
  const made = remote('search', 'search the price book that is in force').argument(
    '<text>',
    'part of a model',
  );
  return made.action((text: string, options: Common) =>
    run<Common>(async (given, output) => {
      const path = `/api/admin/prices?search=${encodeURIComponent(text)}`;
      const list = await askServer<PriceList>(given, 'GET', path);
      const rows = list.cards.map((card) => [
        card.provider,
        card.model,
        card.tier,
        card.from ?? '',
        Object.entries(card.rates)
          .map(([meter, rate]) => `${meter} ${rate.usd}/${rate.per}`)
          .join(', '),
      ]);
      output.result({ cards: list.cards, found: list.found }, () =>
        [table(['provider', 'model', 'tier', 'from', 'USD'], rows), `${list.found} found`].join('\n'),
      );
      return list.found === 0 ? EXIT.failed : EXIT.ok;
    })(options),
  );
}

interface AddOptions extends Common {
  readonly provider?: string;
  readonly model?: string;
  readonly alias?: string;
  readonly tenant?: string;
  readonly tier?: string;
  readonly percent?: string;
  readonly rate?: { readonly [meter: string]: string };
  readonly fixed?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly yes?: boolean;
}

function addCommand(): Command {
  return remote('add', 'add a card, an alias (--alias), or what a tenant is charged instead (--tenant)')
    .option('--provider <name>', 'who serves the model')
    .option('--model <name>', 'the model; with --tenant absent = every model')
    .option('--alias <name>', 'a name that stands for the model')
    .option('--tenant <id>', 'a price of this tenant alone')
    .option('--tier <tier>', 'service tier: standard, batch, flex, priority, scale')
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
    .option('--yes', 'take over a price that looks wrong')
    .action(
      run<AddOptions>(async (options, output) => {
        const added = await askServer<{ id: string; kind: string }>(
          options,
          'POST',
          '/api/admin/prices',
          bodyOf(options),
        );
        output.result(added, () => `added ${added.kind} ${added.id}`);
        return undefined;
      }),
    );
}

function bodyOf(options: AddOptions): object {
  const { provider, model, alias, tenant, tier, percent, rate = {}, from, to } = options;
  const named = { provider, model, from, to };
  if (alias !== undefined) return { kind: 'alias', alias, ...named };
  const rates = Object.keys(rate).length === 0 ? undefined : rate;
  if (tenant === undefined) return { kind: 'card', tier, rates, ...named, confirm: options.yes === true };
  const priced = options.fixed === true ? { fixed: rates } : { rates };
  return { kind: 'override', tenant, tier, percent, ...priced, ...named };
}

function rateOf(text: string, rates: { readonly [meter: string]: string }) {
  const [, meter, usd] = /^([a-z0-9_]+)=(\S+)$/.exec(text) ?? [];
  if (meter === undefined || usd === undefined) throw new InvalidArgumentError('give meter=usd');
  return { ...rates, [meter]: usd };
}

interface ImportOptions extends Common {
  readonly format: string;
  readonly table?: string;
  readonly from?: string;
  readonly yes?: boolean;
}

interface Imported {
  readonly read: number;
  readonly added: number;
  readonly removed: number;
  readonly doubtful: number;
  readonly changes: readonly {
    readonly provider: string;
    readonly model: string;
    readonly meter: string | null;
    readonly old_usd: string | null;
    readonly new_usd: string | null;
    readonly problem: string | null;
  }[];
}

/** `import`, and `diff`: the same without changing anything. */
function importCommand(dry: boolean): Command {
  const made = dry
    ? remote('diff', 'show what a table of prices would change')
    : remote('import', 'import a table of prices').option('--yes', 'take over what looks wrong');
  made
    .argument('<file>', 'JSON file')
    .option('--format <format>', 'farthing (as COST_PRICING_OVERRIDES) or litellm', 'farthing')
    .option('--table <name>', 'name of the table: what vanishes from it later is found')
    .option('--from <time>', 'from when its prices hold, RFC 3339');
  return made.action((file: string, options: ImportOptions) =>
    run<ImportOptions>(async (given, output) => {
      const { format, table: name, from } = given;
      const body = {
        format,
        table: name,
        from,
        data: await readJson(file),
        dry_run: dry,
        confirm: given.yes === true,
      };
      const imported = await askServer<Imported>(given, 'POST', '/api/admin/prices/import', body);
      output.result(imported, () => importText(imported));
      return undefined;
    })(options),
  );
}

function importText({ read, added, removed, doubtful, changes }: Imported): string {
  const rows = changes.map((one) => [
    `${one.provider}/${one.model}`,
    one.meter ?? '',
    one.old_usd ?? '',
    one.new_usd ?? '',
    one.problem ?? '',
  ]);
  const counts = `${read} read, ${added} added, ${removed} taken back, ${doubtful} need a yes`;
  return rows.length === 0
    ? counts
    : `${table(['model', 'meter', 'old', 'new', 'problem'], rows)}\n${counts}`;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
