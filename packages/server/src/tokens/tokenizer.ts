/**
 * Chooses the tokenizer that approximates a model's own. The vocabularies take 60 to 90 MB and are loaded when first
 * needed.
 */
import { countText, type Encode, type TextCount } from './count.ts';

export type Encoding = 'o200k_base' | 'cl100k_base';

/** How a model's tokens are counted. */
export interface Counting {
  readonly encoding: Encoding;
  /** Tokens of the model per token of the encoding; 1 where the encoding is the model's own. */
  readonly factor: number;
  /** Tokens of the marks around a tool call. */
  readonly perCall: number;
  /** True where the encoding is the model's own; elsewhere even a whole text is only estimated. */
  readonly own: boolean;
}

export interface Tokenizer extends Counting {
  /** For people: `gpt-tokenizer o200k_base`, with the factor where there is one. */
  readonly name: string;
  /** Tokens of the model, rounded up. */
  count(text: string): TextCount;
}

/** Models of OpenAI before GPT-4o, and its embeddings. */
const CL100K =
  /^(?:ft:)?(?:gpt-3\.5|gpt-35|gpt-4(?:$|-(?!o))|text-embedding-|text-davinci|davinci|babbage|text-ada)/;
const OPENAI = /^(?:ft:)?(?:gpt-|chatgpt-|o\d|codex|computer-use)/;

const PER_CALL = 10;

/**
 * Tokens of other makers per token of o200k_base: medians over recorded answers, see "Estimates" in
 * docs/accuracy.md. Their tokenizers are not public.
 */
const MAKERS: readonly (readonly [RegExp, Pick<Counting, 'factor' | 'perCall'>])[] = [
  [/claude/, { factor: 1.2, perCall: 40 }],
  [/mistral|mixtral|ministral|codestral|magistral|devstral/, { factor: 1.25, perCall: PER_CALL }],
  [/gemini/, { factor: 1.05, perCall: PER_CALL }],
];
const OTHERS = { factor: 1.1, perCall: PER_CALL };

/** How the tokens of a model are counted, by its name: `openai/gpt-4o`, `anthropic.claude-…` too. */
export function countingFor(model: string): Counting {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  if (CL100K.test(name)) return { encoding: 'cl100k_base', factor: 1, perCall: PER_CALL, own: true };
  if (OPENAI.test(name)) return { encoding: 'o200k_base', factor: 1, perCall: PER_CALL, own: true };
  const maker = MAKERS.find(([family]) => family.test(name))?.[1] ?? OTHERS;
  return { encoding: 'o200k_base', ...maker, own: false };
}

/** The tokenizer for a model. The first call for an encoding loads it, which takes a tenth of a second or two. */
export async function openTokenizer(model: string): Promise<Tokenizer> {
  const counting = countingFor(model);
  return tokenizerWith(counting, await loadEncoding(counting.encoding));
}

/** A tokenizer on an encoder that is there already. */
export function tokenizerWith(counting: Counting, encode: Encode): Tokenizer {
  const { encoding, factor } = counting;
  return {
    ...counting,
    name: `gpt-tokenizer ${encoding}${factor === 1 ? '' : ` × ${factor}`}`,
    count(text) {
      const { tokens, sampled } = countText(text, encode);
      return { tokens: Math.ceil(tokens * factor), sampled };
    },
  };
}

const loaded = new Map<Encoding, Promise<Encode>>();

/** The encoder of an encoding; loaded once. */
export function loadEncoding(encoding: Encoding): Promise<Encode> {
  const known = loaded.get(encoding);
  if (known !== undefined) return known;
  const loading = load(encoding);
  loaded.set(encoding, loading);
  return loading;
}

/** Words the encoder remembers; its default of 100,000 would keep more of what callers wrote than is of use. */
const REMEMBERED = 10_000;
/** `<|endoftext|>` in a text is text. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

async function load(encoding: Encoding): Promise<Encode> {
  const module =
    encoding === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base');
  module.setMergeCacheSize(REMEMBERED);
  return (text) => module.countTokens(text, AS_TEXT);
}
