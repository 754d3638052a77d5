/**
 * What grounding with Google costs beside tokens: from Gemini 3 on each search query, before that each
 * request that was grounded, however many queries it took. Grounding with Google Maps has a price of its own.
 * From Google's price list; recordings have none.
 */

import { firstObject, get, getArray, getObject, isObject } from '../../json/members.ts';
import type { JsonObject } from '../../usage/usage.ts';
import type { ToolUses } from '../fields/server-tools.ts';

/** Collects grounding metadata; chunks of a stream repeat it. */
export interface Grounding {
  readonly queries: ReadonlySet<string>;
  /** True where an answer was grounded in search results. */
  readonly grounded: boolean;
  /** True where an answer was grounded in Google Maps. */
  readonly mapped: boolean;
  add(metadata: JsonObject): void;
  addQuery(query: string): void;
  /** Google Maps was asked. */
  addMaps(): void;
  /** Everything collected, as one equivalent piece of metadata. */
  asMetadata(): JsonObject;
}

/** More queries than one response asks. */
const MOST_QUERIES = 10_000;
/** Queries are counted, not kept: so many characters are enough to distinguish them. */
const QUERY_LENGTH = 256;

export function noGrounding(): Grounding {
  const queries = new Set<string>();
  let grounded = false;
  let mapped = false;
  const addQuery = (query: string) => {
    const told = query.slice(0, QUERY_LENGTH);
    if (told.trim() !== '' && queries.size < MOST_QUERIES) queries.add(told);
  };
  return {
    queries,
    get grounded() {
      return grounded;
    },
    get mapped() {
      return mapped;
    },
    add(metadata) {
      for (const key of ['webSearchQueries', 'web_search_queries', 'imageSearchQueries']) {
        for (const query of getArray(metadata, key)) {
          if (typeof query === 'string') addQuery(query);
        }
      }
      const chunks = [...getArray(metadata, 'groundingChunks'), ...getArray(metadata, 'grounding_chunks')];
      // Chunks from the caller's own documents are no search.
      grounded ||= chunks.some((chunk) => isObject(chunk) && firstObject(chunk, ['web', 'image']) !== null);
      mapped ||= chunks.some((chunk) => isObject(chunk) && getObject(chunk, 'maps') !== null);
      mapped ||= typeof get(metadata, 'googleMapsWidgetContextToken') === 'string';
    },
    addQuery,
    addMaps() {
      mapped = true;
    },
    asMetadata: () => ({
      webSearchQueries: [...queries],
      groundingChunks: [...(grounded ? [{ web: {} }] : []), ...(mapped ? [{ maps: {} }] : [])],
    }),
  };
}

/** The billed searches of one response. Queries are those of the web, unless only Maps answered. */
export function countGrounding(grounding: Grounding, model: string): ToolUses {
  const { queries, grounded, mapped } = grounding;
  const asked = billsQueries(model) ? Math.max(1, queries.size) : 1;
  if (mapped && !grounded) return { maps_searches: asked };
  if (queries.size === 0 && !grounded) return {};
  return { web_searches: asked, ...(mapped ? { maps_searches: 1 } : {}) };
}

/** Gemini 2.5 and older bill the request; an unknown name is taken for a current model. */
function billsQueries(model: string): boolean {
  const major = /gemini-(\d+)/.exec(model)?.[1];
  return major === undefined ? !/gemini-(pro|flash|ultra)|bison/.test(model) : Number(major) >= 3;
}
