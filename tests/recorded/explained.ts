/**
 * Every recorded line on which we differ from someone, and why the arithmetic of the body (or the bill itself)
 * is followed. docs/accuracy.md says the same for people.
 */
import type { Meter } from '@farthing/pricing';

const COHERE = 'Cohere bills billed_units; the other side counts tokens, which hold the template too';
const XAI =
  'total = prompt + completion + reasoning, so reasoning is output beside completion; the bill agrees';
const COMPACTION = 'the top level leaves out the compaction run that iterations lists';

/** Usage that differs from the expectation of suite A or B. */
export const EXPLAINED_USAGE: { readonly [id: string]: string } = {
  'A/d40d75ca32b0': COMPACTION,
  'A/90b2b20bcfd3': COMPACTION,
  'A/d03151324e11': 'total 109 is more than 35 + 12: hidden thinking is output',
  'B/90b7cc75fc05': XAI,
  'B/d859c0183860': XAI,
  'B/7d5dc18118d8': XAI,
  'B/9cae14a09e43': COHERE,
  'B/98b26035f924': COHERE,
  'B/63283c36aa47': COHERE,
  'B/491e4dd2af8e': COHERE,
  'B/2a1ccec90de4': COHERE,
};

/** A bill that the book of today does not give, rebuilt: our quantities at these USD per million, plus a fee. */
export interface ExplainedBill {
  readonly why: string;
  /** Rates that the bill itself shows; absent = those of the book. */
  readonly rates?: { readonly [M in Meter]?: string };
  /** USD for what no token count holds. */
  readonly fee?: string;
  /** Not a bill at all. */
  readonly handMade?: true;
}

const ADVISOR = 'an advisor model ran, whose tokens stand in no count of the response; the rest is exact';

/** Lines of suite D whose bill differs from our computation. */
export const EXPLAINED_BILLS: { readonly [id: string]: ExplainedBill } = {
  'D/f320706ded4a': { why: ADVISOR, fee: '0.015885' },
  'D/abde674b4d25': { why: ADVISOR, fee: '0.01437' },
  'D/2b5a4f2bae82': {
    why: 'OpenRouter parsed a file, $0.002, which the usage does not mention',
    fee: '0.002',
  },
  'D/dd3e1e5bf44c': {
    why: 'OpenRouter sent it to AtlasCloud at 0.60 / 2.20, the book has another host',
    rates: { input_uncached: '0.6', output_text: '2.2' },
  },
  'D/621b8e2ff396': {
    why: 'OpenRouter sent it to another host at 0.2574 / 1.0287, and billed its web plugin $0.007',
    rates: { input_uncached: '0.2574', output_text: '1.0287' },
    fee: '0.007',
  },
  'D/0c6441fe94af': { why: "the provider's own web search, $0.01", fee: '0.01' },
  'D/c10fd75298af': { why: 'written by hand: 123,456 ticks for 150 tokens', handMade: true },
  'D/810296b51fe3': { why: 'written by hand: 123,456 ticks for 150 tokens', handMade: true },
};
