/** Reads provider responses and streams, and describes providers. The entry `@farthing/pricing/extract`; pure. */

export { USAGE_TOO_LARGE } from './extract/bounded-reading.ts';
export { creationTime, LATEST_AHEAD_MS } from './extract/creation-time.ts';
export { ExtractError, type ExtractErrorCode } from './extract/errors.ts';
export { extractBody, extractUsage } from './extract/extract-body.ts';
export { type FoldedStream, openFold, type StreamFold, type StreamWord } from './extract/fold-stream.ts';
export { openStream, type StreamExtractor } from './extract/stream.ts';
export { billingBody } from './forms/billing-body.ts';
export { framingOf, memberAt, rootMembers } from './forms/description/members.ts';
export { matchPath, type PathMatch, surfaceOfEnd } from './forms/description/paths.ts';
export type {
  AnswerTexts,
  CallTexts,
  Framing,
  MemberPath,
  PromptTexts,
  ProviderForm,
  Refusal,
  Refused,
  RequestForm,
  StreamForm,
  StreamMarks,
  Surface,
  SurfacePath,
  UsageOption,
} from './forms/description/provider-form.ts';
export type { ExtractHint } from './forms/description/shape.ts';
export { billingHeaders } from './forms/hosting.ts';
export { providerOfModel, providerOfUrl, resolveProvider } from './forms/provider.ts';
export { FORMS, formOf } from './forms/registry.ts';
export { ANSWER_TEXTS, PROMPT_TEXTS } from './forms/texts.ts';
export { StreamEndFinder, type StreamPosition } from './framing/stream-end.ts';
export { UsageChunkFilter } from './framing/usage-chunk.ts';
export { JsonOutline } from './json/json-outline.ts';
export { JsonSpans, keyOf, type ValueSpan } from './json/json-spans.ts';
export { isObject } from './json/members.ts';
export { ANSWER_LIMITS, type OutlineLimits } from './json/outline-text.ts';
export { parseJson } from './json/parse-json.ts';
export {
  type FailedLine,
  failed as failedLine,
  type LineErrorCode,
  type LinePricing,
  type PricedLine,
  priceLine,
  priceResponse,
} from './lines/price-line.ts';
export {
  openLineStream,
  pricedModel,
  type ResponseReading,
  ratingRequest,
  readResponseLine,
} from './lines/response-line.ts';
export { withoutTrailing } from './text/without-trailing.ts';
