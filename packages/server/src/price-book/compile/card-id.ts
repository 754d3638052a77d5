/** Content-addressed ids of rate cards. */
import { createHash } from 'node:crypto';
import type { Meter } from '@farthing/pricing';
import { type CardData, cardContent, expandCard, type RateData } from '@farthing/pricing';

/** Adds to a card's data the id that follows from what it says, wherever it was read. */
export function withId(provider: string, model: string, card: Omit<CardData, 'id'>): CardData {
  const rates: { [M in Meter]?: RateData } = {};
  for (const [meter, rate] of Object.entries(card.rates) as [Meter, RateData][]) {
    if (typeof rate === 'string') rates[meter] = rate;
    else {
      const { source: _source, ...rest } = rate;
      rates[meter] = rest;
    }
  }
  const content = cardContent(expandCard({ ...card, id: '', source: 0, rates }, provider, model, UNSOURCED));
  return { id: createHash('sha256').update(content).digest('hex').slice(0, 20), ...card };
}

const UNSOURCED = [{ table: '', version: '', date: '' }];
