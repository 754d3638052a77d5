/** Where a request goes: below the operator's base URL, never anywhere else. */
import { AppError } from '@farthing/contract';
import { providerOfUrl, withoutTrailing } from '@farthing/pricing/extract';
import type { GatewayProviderId } from './offered.ts';

/** One provider's address, from the operator's base URL. */
export interface Base {
  readonly providerId: GatewayProviderId;
  readonly origin: string;
  /** Path of the base URL, without a slash at its end. */
  readonly prefix: string;
  /** The provider that answers there and bills, as the price book names it: `azure` behind `/gateway/openai`. */
  readonly answeredBy: string;
}

export interface Target {
  /** Path and query on the provider's origin. */
  readonly path: string;
  /** The path below the base URL, without query. */
  readonly pathname: string;
}

/** A segment of one or two dots, in any spelling, between any separators. */
const DOT_SEGMENT = /(?:^|[/\\;]|%2f|%5c|%3b)(?:\.|%2e){1,2}(?:$|[/\\;]|%2f|%5c|%3b)/i;

/** Reads the operator's base URL; see {@link GatewaySettings.baseUrls}. */
export function readBase(providerId: GatewayProviderId, baseUrl: string): Base {
  const url = new URL(baseUrl);
  const prefix = withoutTrailing(url.pathname, '/');
  return {
    providerId,
    origin: url.origin,
    prefix,
    answeredBy: providerOfUrl(`${url.origin}${prefix}/`) ?? providerId,
  };
}

/**
 * The target of a request.
 *
 * @param url the request target as in the request line
 * @throws AppError for what is no plain path below `/gateway/<provider>/`
 *
 * @example readTarget(readBase('openai', 'https://llm.internal/v7'), '/gateway/openai/v1/models?limit=2').path
 * // '/v7/v1/models?limit=2'
 */
export function readTarget(base: Base, url: string): Target {
  const mount = `/gateway/${base.providerId}/`;
  if (!url.startsWith(mount)) {
    throw new AppError('bad_request', `the path must begin with ${mount} in exactly this spelling.`);
  }
  const below = url.slice(mount.length - 1);
  const query = below.indexOf('?');
  const pathname = query === -1 ? below : below.slice(0, query);
  if (below.startsWith('//') || /[\\#]/.test(below) || DOT_SEGMENT.test(pathname)) {
    throw new AppError(
      'bad_request',
      'the path must not contain dot segments, backslashes, fragments or begin with two slashes.',
    );
  }
  return { path: base.prefix + below, pathname };
}
