/** Extraction: raw provider response → {@link ExtractedUsage}. One file per provider shape. Pure. */

export { framingOf, memberAt, rootMembers } from '../forms/members.ts';
export { matchPath, type PathMatch, surfaceOfEnd } from '../forms/paths.ts';
export type {
  Framing,
  MemberPath,
  ProviderForm,
  Refusal,
  Refused,
  RequestForm,
  StreamForm,
  StreamMarks,
  Surface,
  SurfacePath,
  UsageOption,
} from '../forms/provider-form.ts';
export { FORMS, formOf } from '../forms/registry.ts';
export { StreamEndFinder, type StreamPosition } from '../framing/stream-end.ts';
export { UsageChunkFilter } from '../framing/usage-chunk.ts';
export { withoutTrailing } from '../without-trailing.ts';
export { USAGE_TOO_LARGE } from './bounded-reading.ts';
export { creationTime, LATEST_AHEAD_MS } from './creation-time.ts';
export { ExtractError, type ExtractErrorCode } from './errors.ts';
export { extractBody, extractUsage } from './extract-body.ts';
export { billingHeaders } from './hosting.ts';
export { ANSWER_LIMITS, JsonOutline } from './json-outline.ts';
export { JsonSpans, keyOf, type ValueSpan } from './json-spans.ts';
export type { OutlineLimits } from './outline-text.ts';
export { parseJson } from './parse-json.ts';
export {
  type FailedLine,
  failed as failedLine,
  type LineErrorCode,
  type LinePricing,
  type PricedLine,
  priceLine,
  priceResponse,
} from './price-line.ts';
export { providerOfModel, providerOfUrl, resolveProvider } from './provider.ts';
export {
  openLineStream,
  pricedModel,
  type ResponseReading,
  ratingRequest,
  readResponseLine,
} from './response-line.ts';
export type { ExtractHint } from './shape.ts';
export { openStream, type StreamExtractor } from './stream.ts';
