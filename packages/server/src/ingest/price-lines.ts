/** Recorded responses that are only priced, not kept: read like those that are, large ones in steps. */
import type { ExtractedUsage, JsonObject } from '@farthing/pricing';
import {
  ExtractError,
  type FailedLine,
  failedLine,
  isObject,
  type LineErrorCode,
  type LinePricing,
  openLineStream,
  type PricedLine,
  priceLine,
  priceResponse,
} from '@farthing/pricing/extract';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';
import { readItems, SMALL_ITEM_BYTES, turn } from './read-items.ts';
import { LargeItemRejectionError, reduceItem } from './reduce-item.ts';
import { feedText } from './stream-text.ts';

const LINE_CODES: readonly LineErrorCode[] = [
  'event_too_large',
  'usage_too_large',
  'invalid_json',
  'invalid_event',
];

/** Prices one line of text; `number` names it in messages. Never throws for what the line says. */
export async function priceText(
  text: string,
  number: number,
  pricing: LinePricing,
): Promise<PricedLine | FailedLine> {
  if (text.length <= SMALL_ITEM_BYTES) return priceLine(text, number, pricing);
  await turn();
  try {
    // One line of NDJSON is cut, measured and bounded as where it is kept.
    const [raw] = (await readItems(Buffer.from(text.replaceAll(/[\r\n]/g, ' ')), true)).items;
    if (raw === undefined) return failedLine(null, 'invalid_json', `line ${number} is empty`);
    const { item, streamed } = await reduceItem(raw, 'responses');
    return priceResponse(item, number, pricing, streamed);
  } catch (error) {
    return asFailed(error, number);
  }
}

/** The same for a line that was parsed. */
export async function priceParsed(
  line: { readonly [key: string]: unknown },
  number: number,
  pricing: LinePricing,
): Promise<PricedLine | FailedLine> {
  await turn();
  if (!isObject(line)) return failedLine(null, 'invalid_event', `line ${number} must be a JSON object`);
  try {
    return priceResponse(line, number, pricing, await readLongStream(line));
  } catch (error) {
    return asFailed(error, number);
  }
}

/** The reading of a stream that is too long to be read in one go; null where there is none. */
async function readLongStream(line: JsonObject): Promise<ExtractedUsage | null> {
  const key = typeof line['stream'] === 'string' ? 'stream' : 'stream_base64';
  const text = line[key];
  if (typeof text !== 'string' || text.length <= SMALL_ITEM_BYTES) return null;
  const extractor = openLineStream(line);
  await feedText(extractor, text, key === 'stream_base64', turn);
  return extractor.end('complete');
}

function asFailed(error: unknown, number: number): FailedLine {
  const id = error instanceof LargeItemRejectionError ? error.id : null;
  const message = `line ${number}: ${error instanceof Error ? error.message : String(error)}`;
  if (error instanceof ExtractError) return failedLine(id, error.code, message);
  const code = error instanceof RejectionError ? LINE_CODES.find((one) => one === error.code) : undefined;
  return failedLine(id, code ?? 'internal', message);
}
