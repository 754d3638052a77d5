/** Projects, environments, agents and price cards are written down at first sight: a name in an event is enough to begin. */
import type { PriceBook, RateCard } from '@farthing/pricing';
import type { Tx } from '../../db/database.ts';
import type { RatedEvent } from '../rated-event.ts';

/** Most keys cached before the set is cleared; a cleared key only costs one more no-op insert. */
const REMEMBERED = 50_000;

/** Names that a transaction stored for the first time; call `remember` once it is committed. */
export interface FirstSights {
  remember(): void;
}

/** Remembers what this process has written, so that the usual transaction writes nothing here. */
export interface Registrations {
  write(tx: Tx, events: readonly RatedEvent[], bookOf: (tenant: string) => PriceBook): Promise<FirstSights>;
}

export function createRegistrations(): Registrations {
  const names = {
    projects: new Set<string>(),
    environments: new Set<string>(),
    agents: new Set<string>(),
  };
  const cards = new Set<string>();
  return {
    async write(tx, events, bookOf) {
      const projects = unseen(names.projects, events, (rated) => rated.event.attribution.project);
      const environments = unseen(names.environments, events, (rated) => rated.event.attribution.environment);
      const agents = unseen(names.agents, events, (rated) => rated.event.attribution.agent);
      const newCards = unseenCards(cards, events, bookOf);
      if (projects.length > 0) await insertNames(tx, 'projects', 'id', projects);
      if (environments.length > 0) await insertNames(tx, 'environments', 'id', environments);
      if (agents.length > 0) await insertNames(tx, 'agents', 'name', agents);
      if (newCards.length > 0) await insertCards(tx, newCards);
      return {
        remember() {
          addAll(names.projects, projects);
          addAll(names.environments, environments);
          addAll(names.agents, agents);
          addAll(
            cards,
            newCards.map((card) => card.id),
          );
        },
      };
    },
  };
}

function unseen(
  seen: ReadonlySet<string>,
  events: readonly RatedEvent[],
  nameOf: (rated: RatedEvent) => string | null,
): string[] {
  const found = new Set<string>();
  for (const rated of events) {
    const name = nameOf(rated);
    if (name === null) continue;
    const key = `${rated.event.tenant}\0${name}`;
    if (!seen.has(key)) found.add(key);
  }
  return [...found].sort();
}

function unseenCards(
  seen: ReadonlySet<string>,
  events: readonly RatedEvent[],
  bookOf: (tenant: string) => PriceBook,
): RateCard[] {
  const found = new Map<string, RateCard>();
  for (const { event, charge } of events) {
    for (const { cardId } of charge.lines) {
      if (cardId === null || seen.has(cardId) || found.has(cardId)) continue;
      const card = bookOf(event.tenant).card(cardId);
      if (card !== null) found.set(cardId, card);
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function addAll(seen: Set<string>, keys: readonly string[]): void {
  if (seen.size > REMEMBERED) seen.clear();
  for (const key of keys) seen.add(key);
}

async function insertNames(
  tx: Tx,
  table: 'projects' | 'environments' | 'agents',
  column: 'id' | 'name',
  keys: readonly string[],
): Promise<void> {
  const pairs = keys.map((key) => key.split('\0'));
  await tx.query(
    {
      name: `register_${table}`,
      text: `insert into ${table} (tenant_id, ${column}) select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
    },
    [pairs.map((pair) => pair[0]), pairs.map((pair) => pair[1])],
  );
}

/** Keeps cards by content; sort them by id, so that two writers never wait for each other in a circle. */
export async function insertCards(tx: Tx, cards: readonly RateCard[]): Promise<void> {
  await tx.query(
    {
      name: 'register_cards',
      text: 'insert into price_cards (id, card) select * from unnest($1::text[], $2::jsonb[]) on conflict do nothing',
    },
    [cards.map((card) => card.id), cards.map((card) => JSON.stringify(card))],
  );
}
