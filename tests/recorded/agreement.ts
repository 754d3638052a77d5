/** Our reading of a recorded response against what the recording project expects of it. */
import type { JsonObject, Meter, Quantities } from '@farthing/pricing';
import { mergeSegments, tokenTotals } from '@farthing/pricing';
import { type RecordedLine, readRecorded, type SuiteName } from './suites.ts';

/**
 * The counts that differ, in words; null where the line expects nothing or its host is not known. A count that
 * only names the text among the input is not compared where the provider did not say what all of its input was:
 * text has no meter of its own, it is what remains.
 */
export function differences(suite: SuiteName, line: RecordedLine): readonly string[] | null {
  if (suite === 'A') {
    if (line['expect_host'] !== true) return null;
    const expected = line['expect'] as unknown as { extracted: { usage: { [key: string]: number } }[] };
    const ours = inTheirKeys(quantitiesOf(line));
    return expected.extracted.flatMap(({ usage }) =>
      Object.entries(usage)
        .filter(
          ([key, value]) => !(key === 'input_text_tokens' && hasUntypedInput(line)) && ours[key] !== value,
        )
        .map(([key, value]) => `${key} ${value}, ours ${ours[key]}`),
    );
  }
  if (suite === 'B') {
    const expected = line['expect'] as Expectation | undefined;
    if (expected?.inputTokens === undefined) return null;
    const totals = tokenTotals(quantitiesOf(line));
    const pairs: readonly (readonly [string, number | null | undefined, number])[] = [
      ['input', expected.inputTokens.total, totals.input],
      ['cache read', expected.inputTokens.cacheRead, totals.cacheRead],
      ['cache write', expected.inputTokens.cacheWrite, totals.cacheWrite],
      ['output', expected.outputTokens?.total, totals.output],
      ['reasoning', expected.outputTokens?.reasoning, totals.reasoning],
    ];
    return pairs
      .filter(([, theirs, ours]) => theirs !== null && theirs !== undefined && theirs !== ours)
      .map(([name, theirs, ours]) => `${name} ${theirs}, ours ${ours}`);
  }
  return null;
}

interface Expectation {
  readonly inputTokens?: { total?: number | null; cacheRead?: number | null; cacheWrite?: number | null };
  readonly outputTokens?: { total?: number | null; reasoning?: number | null };
}

function quantitiesOf(line: RecordedLine): Quantities {
  return mergeSegments(readRecorded(line).usage.segments);
}

/** Gemini lists what its input consists of, and sometimes not all of it. */
function hasUntypedInput(line: RecordedLine): boolean {
  const body = line['body'] as JsonObject | undefined;
  const usage = body?.['usageMetadata'] as JsonObject | undefined;
  if (usage === undefined) return false;
  const listed = (key: string) =>
    ((usage[key] ?? []) as readonly JsonObject[]).reduce(
      (sum, one) => sum + Number(one['tokenCount'] ?? 0),
      0,
    );
  return (
    listed('promptTokensDetails') < Number(usage['promptTokenCount'] ?? 0) ||
    listed('toolUsePromptTokensDetails') < Number(usage['toolUsePromptTokenCount'] ?? 0)
  );
}

/** Inclusive counts under the names of suite A; documents are images there. */
function inTheirKeys(quantities: Quantities): { readonly [key: string]: number } {
  const of = (...meters: readonly Meter[]) =>
    meters.reduce((sum, meter) => sum + (quantities[meter] ?? 0), 0);
  const totals = tokenTotals(quantities);
  const cachedAudio = of('input_audio_cache_read');
  const cachedVideo = of('input_video_cache_read');
  const cachedImage = of('input_image_cache_read', 'input_document_cache_read');
  const audio = of('input_audio') + cachedAudio;
  const video = of('input_video') + cachedVideo;
  const image = of('input_image', 'input_document') + cachedImage;
  return {
    input_tokens: totals.input,
    output_tokens: totals.output,
    cache_read_tokens: totals.cacheRead,
    cache_write_tokens: totals.cacheWrite,
    cache_write_5m_tokens: of('input_cache_write_5m'),
    cache_write_1h_tokens: of('input_cache_write_1h'),
    input_audio_tokens: audio,
    input_video_tokens: video,
    input_image_tokens: image,
    input_text_tokens: totals.input - audio - video - image,
    input_tool_tokens: of('input_tool_prompt'),
    input_text_tool_tokens: of('input_tool_prompt'),
    cache_text_read_tokens: of('input_cache_read'),
    cache_audio_read_tokens: cachedAudio,
    cache_video_read_tokens: cachedVideo,
    cache_image_read_tokens: cachedImage,
    output_audio_tokens: of('output_audio'),
    output_image_tokens: of('output_image'),
    output_text_tokens: of('output_text'),
    output_reasoning_tokens: totals.reasoning,
    web_searches: of('web_searches'),
  };
}
