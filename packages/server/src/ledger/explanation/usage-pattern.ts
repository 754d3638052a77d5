/** How an event's usage was read, and the provider's own usage object, as a pattern. */
import { type Json, METER_NAMES } from '@farthing/pricing';
import type { RatedEvent } from '../rated-event.ts';
import type { UsageEvent } from '../usage-event.ts';
import { KNOWN_FIELDS, KNOWN_WORDS } from './known-fields.ts';
import { type KnownPatterns, type Patterned, PatternWriter, UnusualError } from './pattern.ts';

/** Content of the column `usage`: how the counts were read. */
export function usageDocument(event: UsageEvent): object {
  const { segments, convention, speed, region } = event;
  const reportedIn = event.reportedCost === null ? {} : { reported_cost_field: event.reportedCost.field };
  const unbilled = event.billed === false && event.status !== 'error' ? { billed: false } : {};
  return { segments, convention, speed, region, ...reportedIn, ...unbilled };
}

/** The stored form of a usage: a pattern, and the values that the pattern leaves out. */
export interface StoredUsage {
  readonly patterned: Patterned | null;
  /** Null: the pattern holds it. */
  readonly usage: object | null;
  /** Null: the pattern holds it, or there is none. */
  readonly rawUsage: Json;
}

/**
 * The usage as a pattern. The provider's object is part of it only if all its names and words are known: patterns are
 * never deleted and are shared by all tenants, so they must hold nothing of a caller.
 */
export function usagePattern({ event, tokens }: RatedEvent, known: KnownPatterns): StoredUsage {
  const usage = usageDocument(event);
  const raw = event.rawUsage;
  const both = isList(raw) || typeof raw !== 'object' || raw === null ? null : { usage, raw };
  const patterned = both === null ? null : patternOf(both, tokens, known);
  if (patterned !== null) return { patterned, usage: null, rawUsage: null };
  const alone = patternOf({ usage }, tokens, known);
  return { patterned: alone, usage: alone === null ? usage : null, rawUsage: raw };
}

function patternOf(
  document: { readonly usage: object; readonly raw?: Json },
  tokens: RatedEvent['tokens'],
  known: KnownPatterns,
): Patterned | null {
  const writer = new PatternWriter(tokens);
  try {
    writer.literal('{"usage": ');
    write(writer, document.usage as Json, '', READING);
    if (document.raw !== undefined) {
      writer.literal(', "raw": ');
      write(writer, document.raw, '', PROVIDERS);
    }
    writer.literal('}');
    return writer.end(known, null);
  } catch (error) {
    if (error instanceof UnusualError) return null;
    throw error;
  }
}

/** Content that a pattern may hold. */
interface Vocabulary {
  readonly field: (name: string) => boolean;
  readonly text: (text: string) => boolean;
}

const OWN_FIELDS = new Set<string>([
  ...[
    'segments',
    'model',
    'quantities',
    'contextTokens',
    'convention',
    'speed',
    'region',
    'reported_cost_field',
    'billed',
  ],
  ...METER_NAMES,
]);
const LONGEST_TEXT = 300;
const PLAIN = /^[\x20-\x7e]*$/;

/** Our own words for a usage, and the names of models and regions in it. */
const READING: Vocabulary = {
  field: (name) => OWN_FIELDS.has(name),
  text: (text) => text.length <= LONGEST_TEXT && PLAIN.test(text),
};
const PROVIDERS: Vocabulary = {
  field: (name) => KNOWN_FIELDS.has(name),
  text: (text) => KNOWN_WORDS.has(text),
};

function write(writer: PatternWriter, value: Json, name: string, vocabulary: Vocabulary): void {
  if (typeof value === 'number') {
    writer.number(name, value);
  } else if (typeof value === 'string') {
    if (!vocabulary.text(value)) throw new UnusualError();
    writer.literal(JSON.stringify(value));
  } else if (value === null || typeof value === 'boolean') {
    writer.literal(String(value));
  } else if (isList(value)) {
    writer.literal('[');
    for (const [index, item] of value.entries()) {
      if (index > 0) writer.literal(', ');
      write(writer, item, name, vocabulary);
    }
    writer.literal(']');
  } else {
    let first = true;
    writer.literal('{');
    for (const key in value) {
      const member = value[key];
      if (member === undefined) continue;
      if (!vocabulary.field(key)) throw new UnusualError();
      writer.literal(`${first ? '' : ', '}"${key}": `);
      first = false;
      write(writer, member, key, vocabulary);
    }
    writer.literal('}');
  }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
