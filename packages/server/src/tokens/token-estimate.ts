/** Token estimate: counts the usage of a call that reported too little from its texts, and marks it as estimated. */
import {
  type Anomaly,
  type ExtractedUsage,
  type JsonObject,
  type Operation,
  type Quantities,
  tokenTotals,
} from '@farthing/pricing';
import { generatedText } from './generated-text.ts';
import { type Prompt, promptOf } from './prompt.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The kept part of an answer. */
export interface KeptAnswer {
  readonly text: string;
  /** Length of the whole answer ÷ length of what was kept; 1 where all was. */
  readonly share: number;
}

export interface CallContent {
  /** The request's body; null where it is not there or cannot be read: then only reported input counts. */
  readonly request: JsonObject | null;
  /** The request was too large to be read whole: its texts are longer than given here. */
  readonly shortened?: boolean;
  readonly answer: KeptAnswer;
  /** The answer was cut: its partial text counts, and its input counts even if it had no text yet. */
  readonly cut: boolean;
}

/** Only what is billed by the tokens of a text can be estimated from it. */
const BY_TEXT: ReadonlySet<Operation> = new Set(['chat', 'completion', 'responses', 'embedding']);

/** True if a served call's reading lacks counts that its texts can supply. */
export function lacksUsage({ source, operation }: Pick<ExtractedUsage, 'source' | 'operation'>): boolean {
  return (source === 'none' || source === 'partial') && BY_TEXT.has(operation);
}

/**
 * Fills in the counts missing from a reading. Reported counts stay; the rest is counted from the texts. `source`
 * becomes `estimated` where nothing was reported and stays `partial` where something was; `convention` and the anomaly
 * `estimated_usage` say what was counted, with which tokenizer, and what cannot be in it.
 *
 * Nothing is invented for tokens that left no text: reasoning that is not streamed, images, a conversation that the
 * provider keeps, cached input (all input counts as uncached).
 */
export function estimateTokens(
  reading: ExtractedUsage,
  { request, shortened = false, answer, cut }: CallContent,
  tokenizer: Tokenizer,
): ExtractedUsage {
  if (!lacksUsage(reading)) return reading;
  const [first, ...others] = reading.segments;
  const reported = tokenTotals(first?.quantities ?? {});
  const prompt = request === null ? null : promptOf(request);
  // A cost without the input would look complete, so such a call stays unpriced.
  if (reported.input === 0 && prompt === null) return reading;
  const input = reported.input > 0 || prompt === null ? null : countPrompt(prompt, tokenizer);
  const output = countOutput(reading, reported.output, answer, tokenizer);
  if (input === null && output === null) return reading;
  // A complete answer without any text of the model is assumed not to be a model's answer.
  if (!cut && reading.source === 'none' && output?.tokens === 0) return reading;
  const quantities: Quantities = {
    ...first?.quantities,
    ...(input === null ? {} : { input_uncached: input.tokens }),
    ...(output === null
      ? {}
      : { output_text: output.tokens - reported.output + (first?.quantities.output_text ?? 0) }),
  };
  const contextTokens = input === null ? (first?.contextTokens ?? 0) : input.tokens;
  return {
    ...reading,
    segments: [{ model: first?.model ?? null, quantities, contextTokens }, ...others],
    source: reading.source === 'partial' ? 'partial' : 'estimated',
    convention: `${reading.convention}; ${words(input, output)} estimated with ${tokenizer.name}`,
    anomalies: [...reading.anomalies, asAnomaly({ input, output, prompt, shortened }, tokenizer)],
  };
}

export interface TokenEstimate {
  readonly tokens: number;
  /** Only a part was read. */
  readonly sampled: boolean;
}

function countPrompt(prompt: Prompt, tokenizer: Tokenizer): TokenEstimate {
  const { tokens, sampled } = tokenizer.count(prompt.text);
  return { tokens: tokens + prompt.tokens, sampled };
}

/** Null if the reported output is used. */
function countOutput(
  { operation, convention }: ExtractedUsage,
  reported: number,
  { text, share }: KeptAnswer,
  tokenizer: Tokenizer,
): TokenEstimate | null {
  if (operation === 'embedding') return null;
  // Anthropic's first event counts the output as it begins; others that count while they stream count up to there.
  if (reported > 0 && !convention.startsWith('anthropic.messages')) return null;
  const { tokens, sampled } = countGenerated(text, tokenizer);
  const whole = Math.ceil(tokens * Math.max(1, share));
  return whole <= reported && reported > 0 ? null : { tokens: whole, sampled: sampled || share > 1 };
}

/** Tokens a model wrote in an answer (or its kept part), marks around tool calls included. */
export function countGenerated(answer: string, tokenizer: Tokenizer): TokenEstimate {
  const { text, calls } = generatedText(answer);
  const { tokens, sampled } = tokenizer.count(text);
  return { tokens: tokens + calls * tokenizer.perCall, sampled };
}

function words(input: TokenEstimate | null, output: TokenEstimate | null): string {
  if (input !== null && output !== null) return 'input and output';
  return input === null ? 'output' : 'input';
}

interface Estimated {
  readonly input: TokenEstimate | null;
  readonly output: TokenEstimate | null;
  readonly prompt: Prompt | null;
  readonly shortened: boolean;
}

function asAnomaly({ input, output, prompt, shortened }: Estimated, tokenizer: Tokenizer): Anomaly {
  const counts = [
    ...(input === null ? [] : [`${input.tokens} input`]),
    ...(output === null ? [] : [`${output.tokens} output`]),
  ];
  const gaps = [
    ...(tokenizer.own ? [] : ["the model's own tokenizer is not public"]),
    ...(input?.sampled === true || output?.sampled === true ? ['long texts were read in samples'] : []),
    ...(input !== null && shortened ? ['the request is too large to be read whole: its input is more'] : []),
    ...(input !== null && (prompt?.attachments ?? 0) > 0
      ? [`images or files (${prompt?.attachments}) are not in it`]
      : []),
    ...(input !== null && prompt?.continues === true
      ? ['the conversation that the provider keeps is not in it']
      : []),
    ...(output === null ? [] : ['reasoning that was not streamed is not in it']),
  ];
  const told = gaps.length === 0 ? '' : `; ${gaps.join('; ')}`;
  return {
    code: 'estimated_usage',
    message: `${counts.join(' and ')} tokens are estimated with ${tokenizer.name}${told}`,
  };
}
