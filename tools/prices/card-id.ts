/** Content-addressed ids of rate cards. */
import { createHash } from 'node:crypto';
import { type CardData, cardContent, expandCard } from '../../packages/pricing/src/book.ts';

/** Adds to a card's data the id that follows from what it says. */
export function withId(provider: string, model: string, card: Omit<CardData, 'id'>): CardData {
  const content = cardContent(expandCard({ ...card, id: '' }, provider, model, UNSOURCED));
  return { id: createHash('sha256').update(content).digest('hex').slice(0, 20), ...card };
}

const UNSOURCED = { table: '', version: '', date: '' };
