/**
 * Patterns: the common part of many events' explanations, stored once. A pattern is JSON text with places for numbers;
 * the database's function `explained` fills them in and returns the exact document.
 */
import { createHash } from 'node:crypto';
import type { TokenTotals } from '@farthing/pricing';

/** An amount that needs no storing: a number of the event × a rate ÷ its scale, without rounding. */
export interface Product {
  /** The place of the quantity. */
  readonly of: number;
  /** Decimal USD. */
  readonly rate: string;
  readonly per: number;
}

export interface Pattern {
  /** The first half of SHA-256 over the content, hex. */
  readonly hash: string;
  /** JSON text for PostgreSQL's `format`: `%3$s` is the third of the numbers. */
  readonly body: string;
  readonly products: readonly Product[];
  /** Of a charge: the price book that was asked. */
  readonly priceVersion: string | null;
}

/** A document as its pattern and the numbers that are the event's own, with commas between; null: there are none. */
export interface Patterned {
  readonly pattern: Pattern;
  readonly numbers: string | null;
}

/** A document whose form is too unusual to be worth a pattern. */
export class UnusualError extends Error {
  override readonly name = 'UnusualError';
}

/** Places that every event has, as `explained` gives them. */
const PLACES = {
  input: 1,
  output: 2,
  cacheRead: 3,
  cacheWrite: 4,
  reasoning: 5,
  uncached: 6,
  answer: 7,
  total: 8,
} as const;
type Place = keyof typeof PLACES;
const FIXED_PLACES = Object.keys(PLACES).length;

/**
 * Fixed places in which a named number is looked for. They are named so that numbers equal by chance do not make a new
 * pattern.
 */
const LIKELY: { readonly [name: string]: readonly Place[] } = {
  contextTokens: ['input'],
  input_uncached: ['uncached'],
  input_cache_read: ['cacheRead'],
  input_cache_write: ['cacheWrite'],
  input_cache_write_5m: ['cacheWrite'],
  input_cache_write_1h: ['cacheWrite'],
  output_text: ['answer'],
  output_reasoning: ['reasoning'],
  prompt_tokens: ['input'],
  input_tokens: ['input', 'uncached'],
  completion_tokens: ['output'],
  output_tokens: ['output'],
  total_tokens: ['total'],
  cached_tokens: ['cacheRead'],
  reasoning_tokens: ['reasoning'],
  cache_read_input_tokens: ['cacheRead'],
  cache_creation_input_tokens: ['cacheWrite'],
  ephemeral_5m_input_tokens: ['cacheWrite'],
  ephemeral_1h_input_tokens: ['cacheWrite'],
  promptTokenCount: ['input'],
  tokenCount: ['input', 'answer'],
  candidatesTokenCount: ['answer'],
  thoughtsTokenCount: ['reasoning'],
  cachedContentTokenCount: ['cacheRead'],
  totalTokenCount: ['total'],
  inputTokens: ['input', 'uncached'],
  outputTokens: ['output'],
  totalTokens: ['total'],
  cacheReadInputTokens: ['cacheRead'],
  cacheWriteInputTokens: ['cacheWrite'],
};

/** More of an event's own numbers, or a longer text, hardly comes again. */
const MOST_NUMBERS = 24;
const LONGEST_BODY = 4_000;

/** Writes a document as a pattern, part by part. */
export class PatternWriter {
  readonly #places: { readonly [P in Place]: number };
  readonly #numbers: string[] = [];
  readonly #products: Product[] = [];
  #body = '';

  constructor({ input, output, cacheRead, cacheWrite, reasoning }: TokenTotals) {
    const uncached = input - cacheRead - cacheWrite;
    const [answer, total] = [output - reasoning, input + output];
    this.#places = { input, output, cacheRead, cacheWrite, reasoning, uncached, answer, total };
  }

  /** Text that belongs to the pattern. */
  literal(text: string): void {
    this.#body += text.includes('%') ? text.replaceAll('%', '%%') : text;
  }

  /** A number of the event; gives its place, or null for 0, which belongs to the pattern. */
  number(name: string, value: number): number | null {
    if (!Number.isFinite(value)) throw new UnusualError();
    if (value === 0) {
      this.#body += '0';
      return null;
    }
    const likely = LIKELY[name]?.find((place) => this.#places[place] === value);
    const place = likely === undefined ? this.#own(JSON.stringify(value)) : PLACES[likely];
    this.#body += `%${place}$s`;
    return place;
  }

  /** Decimal digits that are the event's own. */
  digits(text: string): void {
    this.#body += `%${this.#own(text)}$s`;
  }

  /** An amount that is a product. Those places come behind the event's own, so they are known at the end. */
  product(product: Product): void {
    this.#body += `\0${this.#products.push(product)};`;
  }

  /** The pattern, through `known`, which keeps those that were made before. */
  end(known: KnownPatterns, priceVersion: string | null): Patterned | null {
    const own = this.#numbers.length;
    if (own > MOST_NUMBERS || this.#body.length > LONGEST_BODY) return null;
    const body = this.#products.length === 0 ? this.#body : placed(this.#body, FIXED_PLACES + own);
    const pattern = known.get(body, this.#products, priceVersion);
    return pattern === null ? null : { pattern, numbers: own === 0 ? null : this.#numbers.join(',') };
  }

  #own(text: string): number {
    return FIXED_PLACES + this.#numbers.push(text);
  }
}

/** JSON text holds no zero character: it marks what is to become a place. */
const placed = (body: string, before: number): string =>
  body.replaceAll(/\0(\d+);/g, (_, product) => `%${before + Number(product)}$s`);

/** Most patterns that a process makes: beyond, what is not known yet is kept with its event. */
const MOST_PATTERNS = 20_000;

/** The patterns made so far, by content. */
export class KnownPatterns {
  readonly #patterns = new Map<string, Pattern>();
  readonly #most: number;

  constructor(most = MOST_PATTERNS) {
    this.#most = most;
  }

  /** Null: there are too many already. */
  get(body: string, products: readonly Product[], priceVersion: string | null): Pattern | null {
    // Rates and scales are also in the body: with the places they determine the products.
    const key = `${products.map((product) => product.of).join(' ')}\n${priceVersion ?? ''}\n${body}`;
    const known = this.#patterns.get(key);
    if (known !== undefined) return known;
    if (this.#patterns.size >= this.#most) return null;
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
    const pattern = { hash, body, products, priceVersion };
    this.#patterns.set(key, pattern);
    return pattern;
  }
}
