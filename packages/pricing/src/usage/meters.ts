/**
 * Meters: the countable things a provider bills for.
 *
 * All token meters are **disjoint**: a token of one event is counted by exactly one of them, so any sum of
 * them is right. Inclusive totals (`input_tokens`, `output_tokens`) are derived, never stored as quantities.
 */

/** The unit a meter counts. */
export type MeterUnit =
  | 'tokens'
  | 'requests'
  | 'searches'
  | 'sessions'
  | 'units'
  | 'seconds'
  | 'characters'
  | 'images'
  | 'pages'
  | 'messages';

/** Which side of the call a meter belongs to; tool and request fees are `other`. */
export type MeterDirection = 'input' | 'output' | 'other';

/** What a meter is, as data: the engine knows none of them by name. */
export interface MeterDefinition {
  readonly unit: MeterUnit;
  readonly direction: MeterDirection;
  /** Words for people: "input, cache read". */
  readonly label: string;
  /**
   * Meters whose rate applies, in this order, where a card prices no rate of this one. Providers that name no
   * price for a finer class bill it as the coarser one (audio without an audio price is plain input). A meter
   * without a fallback and without a rate is unpriced: tool fees and seconds never become something else.
   */
  readonly fallback?: readonly Meter[];
  /**
   * The last fallback is not used on a card that prices any of these: where a provider prices some cache
   * writes, the price of another kind of cache write is unknown, not that of plain input.
   */
  readonly unlessPriced?: readonly Meter[];
  /** True where a fraction is meaningful (seconds); everything else is a whole number. */
  readonly divisible?: true;
  /**
   * Counted once per segment where a card prices it, without being reported; where no card prices it, it is
   * not billable at all (a call is not unpriced because it counts as one request).
   */
  readonly implied?: true;
}

const tokens = (
  direction: 'input' | 'output',
  label: string,
  fallback?: readonly Meter[],
  unlessPriced?: readonly Meter[],
): MeterDefinition => ({
  unit: 'tokens',
  direction,
  label,
  ...(fallback === undefined ? {} : { fallback }),
  ...(unlessPriced === undefined ? {} : { unlessPriced }),
});

const PLAIN: readonly Meter[] = ['input_uncached'];
const TEXT: readonly Meter[] = ['output_text'];
const cacheRead = (modality: Meter): readonly Meter[] => ['input_cache_read', modality, 'input_uncached'];
const other = (unit: MeterUnit, label: string): MeterDefinition => ({ unit, direction: 'other', label });

/** Every meter, in the order in which charge lines are printed. */
export const METERS: { readonly [M in Meter]: MeterDefinition } = {
  input_uncached: tokens('input', 'input, uncached'),
  input_cache_read: tokens('input', 'input, cache read', PLAIN),
  input_cache_write_5m: tokens(
    'input',
    'input, cache write 5 min',
    ['input_cache_write', 'input_uncached'],
    ['input_cache_write_1h'],
  ),
  input_cache_write_1h: tokens('input', 'input, cache write 1 h', PLAIN, [
    'input_cache_write',
    'input_cache_write_5m',
  ]),
  input_cache_write: tokens(
    'input',
    'input, cache write',
    ['input_cache_write_5m', 'input_uncached'],
    ['input_cache_write_1h'],
  ),
  input_audio: tokens('input', 'input, audio', PLAIN),
  input_audio_cache_read: tokens('input', 'input, audio cache read', cacheRead('input_audio')),
  input_image: tokens('input', 'input, image', PLAIN),
  input_image_cache_read: tokens('input', 'input, image cache read', cacheRead('input_image')),
  input_video: tokens('input', 'input, video', PLAIN),
  input_video_cache_read: tokens('input', 'input, video cache read', cacheRead('input_video')),
  input_document: tokens('input', 'input, document', PLAIN),
  input_document_cache_read: tokens('input', 'input, document cache read', cacheRead('input_document')),
  input_tool_prompt: tokens('input', 'input, tool prompt', PLAIN),
  output_text: tokens('output', 'output, text'),
  output_reasoning: tokens('output', 'output, reasoning', TEXT),
  output_audio: tokens('output', 'output, audio', TEXT),
  output_image: tokens('output', 'output, image', TEXT),
  output_video: tokens('output', 'output, video', TEXT),
  output_citation: tokens('output', 'output, citation', TEXT),
  requests: { ...other('requests', 'requests'), implied: true },
  web_searches: other('searches', 'web searches'),
  maps_searches: other('searches', 'searches in Google Maps'),
  social_searches: other('searches', 'social searches'),
  file_searches: other('searches', 'file searches'),
  attachment_searches: other('searches', 'attachment searches'),
  code_sessions: other('sessions', 'code sessions'),
  rerank_units: other('units', 'rerank units'),
  audio_seconds_in: { unit: 'seconds', direction: 'input', label: 'audio seconds in', divisible: true },
  audio_seconds_out: { unit: 'seconds', direction: 'output', label: 'audio seconds out', divisible: true },
  characters_in: { unit: 'characters', direction: 'input', label: 'characters in' },
  text_messages_in: { unit: 'messages', direction: 'input', label: 'text messages in' },
  images: { unit: 'images', direction: 'output', label: 'images' },
  pages: { unit: 'pages', direction: 'input', label: 'pages' },
  pages_annotated: { unit: 'pages', direction: 'input', label: 'pages annotated' },
  guardrail_content_units: other('units', 'guardrail, content filter'),
  guardrail_image_units: other('units', 'guardrail, image filter'),
  guardrail_topic_units: other('units', 'guardrail, denied topics'),
  guardrail_sensitive_units: other('units', 'guardrail, sensitive information'),
  guardrail_grounding_units: other('units', 'guardrail, contextual grounding'),
  guardrail_reasoning_units: other('units', 'guardrail, automated reasoning'),
};

/** The name of a meter; snake_case, on the wire and in the database as it is here. */
export type Meter =
  | 'input_uncached'
  | 'input_cache_read'
  | 'input_cache_write_5m'
  | 'input_cache_write_1h'
  | 'input_cache_write'
  | 'input_audio'
  | 'input_audio_cache_read'
  | 'input_image'
  | 'input_image_cache_read'
  | 'input_video'
  | 'input_video_cache_read'
  | 'input_document'
  | 'input_document_cache_read'
  | 'input_tool_prompt'
  | 'output_text'
  | 'output_reasoning'
  | 'output_audio'
  | 'output_image'
  | 'output_video'
  | 'output_citation'
  | 'requests'
  | 'web_searches'
  | 'maps_searches'
  | 'social_searches'
  | 'file_searches'
  | 'attachment_searches'
  | 'code_sessions'
  | 'rerank_units'
  | 'audio_seconds_in'
  | 'audio_seconds_out'
  | 'characters_in'
  | 'text_messages_in'
  | 'images'
  | 'pages'
  | 'pages_annotated'
  | 'guardrail_content_units'
  | 'guardrail_image_units'
  | 'guardrail_topic_units'
  | 'guardrail_sensitive_units'
  | 'guardrail_grounding_units'
  | 'guardrail_reasoning_units';

/** Meter names in the order of {@link METERS}. */
export const METER_NAMES = Object.keys(METERS) as readonly Meter[];

/** True for a name that is a meter; guards input from outside (`__proto__` is not one). */
export function isMeter(name: string): name is Meter {
  return Object.hasOwn(METERS, name);
}

/** Quantities per meter. Absent = not reported; 0 = reported as zero. Whole numbers, seconds may be fractional. */
export type Quantities = { readonly [M in Meter]?: number };
