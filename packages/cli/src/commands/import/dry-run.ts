/** `farthing import --dry-run`: lines answered as the server of this machine would, from the same ledger, by the same code. */
import { AppError, tagsInput, usageEventsParameters } from '@farthing/contract';
import { installedData } from '@farthing/pricing/book';
import {
  type Config,
  type Database,
  embeddedConnectionString,
  loadConfig,
  openDryRun,
  overridesOf,
  readEnv,
} from '@farthing/server';
import { quietLog, withDatabase } from '../../access/store-access.ts';
import { CliError } from '../../console/output.ts';
import { type LineDefaults, parametersOf, type Send } from './send-batch.ts';

/**
 * Calls `work` with a function that answers lines and stores none. It reads an existing ledger and creates none. For a
 * server elsewhere only its way of reading is known: every tenant passes, and every id is free.
 */
export async function withDryRun<Result>(
  { url }: { readonly url: string | null },
  defaults: LineDefaults,
  work: (send: Send) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig(readEnv());
  if (url !== null) return answering(config, 'elsewhere', defaults, work);
  const ledger = config.database.url ?? (await embeddedConnectionString(config.dataDir));
  if (ledger === null) return answering(config, 'new', defaults, work);
  return withDatabase((database) => answering(config, database, defaults, work));
}

async function answering<Result>(
  config: Config,
  ledger: Database | 'new' | 'elsewhere',
  defaults: LineDefaults,
  work: (send: Send) => Promise<Result>,
): Promise<Result> {
  const { terms, enabled } = config.recording;
  const prices = { data: installedData, over: overridesOf(config.priceOverrides, new Date()) };
  const dryRun = await openDryRun({ ledger, prices, terms, enabled, log: quietLog, now: Date.now });
  try {
    return await work(async (kind, lines) => {
      const {
        format,
        door: _door,
        ...named
      } = parse(usageEventsParameters.safeParse(parametersOf(kind, defaults)));
      const tags = parse(tagsInput.safeParse(defaults.tags));
      const body = Buffer.from(lines.join('\n'));
      return dryRun.answer({ body, format, defaults: { ...named, tags } }).catch(refused);
    });
  } finally {
    await dryRun.close();
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
type Parsed<Data> =
  | { readonly success: true; readonly data: Data }
  | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };

function parse<Data>(parsed: Parsed<Data>): Data {
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliError(
    `The lines would be refused: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}.`,
  );
}

function refused(error: unknown): never {
  if (error instanceof AppError)
    throw new CliError(`The lines would be refused: ${error.message} (${error.code})`);
  throw error;
}
