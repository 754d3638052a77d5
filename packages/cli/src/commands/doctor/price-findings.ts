/** How old the prices are, and what is odd about those of the environment. */
import { installedData } from '@farthing/pricing/book';
import {
  type Config,
  DAY_MS,
  type Database,
  examineOverrides,
  installedTableVersion,
} from '@farthing/server';
import { typed } from '../../console/typed.ts';
import type { Finding } from './finding.ts';

/** From then on a newer table is likely to have other prices. */
const OLD_DAYS = 60;
const MOST_NAMED = 5;

/** The installed book with the age of the public table in it, and whether the npm package beside it is newer. */
export async function bookFindings(now: Date): Promise<Finding[]> {
  const table = installedData.sources.find((source) => source.table === 'genai-prices');
  const date = table?.date ?? '';
  const days = Math.floor((now.getTime() - Date.parse(date)) / DAY_MS);
  const advice =
    days > OLD_DAYS
      ? `: look for a newer release, or update the npm package and run \`${typed('prices refresh')}\``
      : '';
  const age: Finding = {
    name: 'price book',
    state: 'info',
    text: `${installedData.version}, its public table of ${date}, ${days} days old${advice}`,
  };
  return [age, ...(await tableFindings())];
}

async function tableFindings(): Promise<Finding[]> {
  const compiled = installedData.sources.find((source) => source.table === 'genai-prices')?.version ?? '';
  try {
    const installed = await installedTableVersion();
    if (installed === compiled) return [];
    const text = `${installed} is installed, the book was made of ${compiled}: see \`${typed('prices diff')}\``;
    return [{ name: 'price table', state: 'info', text }];
  } catch (error) {
    return [{ name: 'price table', state: 'info', text: messageOf(error) }];
  }
}

/** `COST_PRICING_OVERRIDES`: bad if the server would not start with it, or if a price looks like another unit. */
export function overrideFindings({ priceOverrides }: Config, now: Date): Finding[] {
  const name = 'price overrides';
  if (priceOverrides === null) return [];
  try {
    const { version, cards, unknown, outOfRange } = examineOverrides(priceOverrides, now);
    const told = `${cards} cards, ${version}`;
    const known: Finding[] =
      unknown.length === 0
        ? []
        : [{ name, state: 'info', text: `the installed book does not know ${named(unknown)}` }];
    return outOfRange.length === 0
      ? [{ name, state: 'good', text: told }, ...known]
      : [{ name, state: 'bad', text: `${told}; not likely to be prices: ${named(outOfRange)}` }, ...known];
  } catch (error) {
    return [{ name, state: 'bad', text: messageOf(error).replaceAll('\n', ' ') }];
  }
}

/** The last refresh that is in force. */
export async function refreshFinding(database: Database): Promise<Finding[]> {
  const { rows } = await database.asOperator(async (tx) => {
    const there = await tx.query<{ found: boolean }>(
      "select to_regclass('price_versions') is not null as found",
    );
    if (there.rows[0]?.found !== true) return { rows: [] };
    return tx.query<{ id: string; book: string | null; day: string }>(
      `select id::text, book, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as day from price_versions
        where kind = 'refresh' and removed_at is null order by price_versions.id desc limit 1`,
    );
  });
  return rows.map(({ id, book, day }) => ({
    name: 'price refresh',
    state: 'info',
    text: `version ${id} of ${day}: ${book}`,
  }));
}

function named(texts: readonly string[]): string {
  const rest = texts.length - MOST_NAMED;
  return `${texts.slice(0, MOST_NAMED).join('; ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
