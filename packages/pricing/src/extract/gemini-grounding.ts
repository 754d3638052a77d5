/**
 * What grounding with Google costs beside tokens: from Gemini 3 on each search query, before that each
 * request that was grounded, however many queries it took. From Google's price list; recordings have none.
 */
import type { JsonObject } from '../usage.ts';
import { firstObject, get, getArray, isObject } from './json.ts';
import type { ToolUses } from './server-tools.ts';

/** Collects grounding metadata; chunks of a stream repeat it. */
export interface Grounding {
  readonly queries: ReadonlySet<string>;
  /** True where an answer was grounded in anything. */
  readonly grounded: boolean;
  add(metadata: JsonObject): void;
  addQuery(query: string): void;
}

export function noGrounding(): Grounding {
  const queries = new Set<string>();
  let grounded = false;
  return {
    queries,
    get grounded() {
      return grounded;
    },
    add(metadata) {
      for (const key of ['webSearchQueries', 'web_search_queries', 'imageSearchQueries']) {
        for (const query of getArray(metadata, key)) {
          if (typeof query === 'string' && query.trim() !== '') queries.add(query);
        }
      }
      const chunks = [...getArray(metadata, 'groundingChunks'), ...getArray(metadata, 'grounding_chunks')];
      // Chunks from the caller's own documents are no search.
      grounded ||= chunks.some(
        (chunk) => isObject(chunk) && firstObject(chunk, ['web', 'maps', 'image']) !== null,
      );
      grounded ||= typeof get(metadata, 'googleMapsWidgetContextToken') === 'string';
    },
    addQuery(query) {
      if (query.trim() !== '') queries.add(query);
    },
  };
}

/** The billed searches of one response. */
export function countGrounding(grounding: Grounding, model: string): ToolUses {
  const { queries, grounded } = grounding;
  if (queries.size === 0 && !grounded) return {};
  return { web_searches: billsQueries(model) ? Math.max(1, queries.size) : 1 };
}

/** Gemini 2.5 and older bill the request; an unknown name is taken for a current model. */
function billsQueries(model: string): boolean {
  const major = /gemini-(\d+)/.exec(model)?.[1];
  return major === undefined ? !/gemini-(pro|flash|ultra)|bison/.test(model) : Number(major) >= 3;
}
