/**
 * Tools the provider ran on its side. Their fees are not in the token counts, so the uses themselves are
 * counted; a tool that was only declared, or never ran, is never charged.
 */

import { get, getArray, getCount, getName, getObject, isObject } from '../../json/members.ts';
import type { Meter, Quantities } from '../../usage/meters.ts';
import type { Anomaly, Json, JsonObject, UsageSegment } from '../../usage/usage.ts';

/** Uses per fee meter; only meters that were used or reported. */
export type ToolUses = Pick<
  Quantities,
  | 'web_searches'
  | 'maps_searches'
  | 'social_searches'
  | 'file_searches'
  | 'attachment_searches'
  | 'code_sessions'
  | 'images'
>;

type MutableUses = { -readonly [M in keyof ToolUses]?: number };

/** The segment with the tool uses added: they belong to the run that answered. */
export function addSearches(segment: UsageSegment, uses: ToolUses): UsageSegment {
  return { ...segment, quantities: { ...segment.quantities, ...uses } };
}

const DETAIL_FIELDS: readonly (readonly [string, keyof ToolUses])[] = [
  ['web_search_calls', 'web_searches'],
  ['x_search_calls', 'social_searches'],
  ['file_search_calls', 'file_searches'],
  ['document_search_calls', 'attachment_searches'],
  ['code_interpreter_calls', 'code_sessions'],
  ['image_generation_calls', 'images'],
];

/** xAI's native names for tools that ran. */
const NATIVE_TOOLS: ReadonlyMap<string, keyof ToolUses> = new Map([
  ['SERVER_SIDE_TOOL_WEB_SEARCH', 'web_searches'],
  ['SERVER_SIDE_TOOL_X_SEARCH', 'social_searches'],
  ['SERVER_SIDE_TOOL_CODE_EXECUTION', 'code_sessions'],
  ['SERVER_SIDE_TOOL_COLLECTIONS_SEARCH', 'file_searches'],
  ['SERVER_SIDE_TOOL_ATTACHMENT_SEARCH', 'attachment_searches'],
]);

/** Tool uses that the usage object itself counts (xAI, OpenRouter). */
export function countServerTools(usage: JsonObject, anomalies: Anomaly[]): ToolUses {
  const uses: MutableUses = {};
  const add = (meter: keyof ToolUses, count: number) => {
    if (count > 0) uses[meter] = (uses[meter] ?? 0) + count;
  };
  const details = getObject(usage, 'server_side_tool_usage_details');
  for (const [field, meter] of DETAIL_FIELDS) add(meter, getCount(details, field, anomalies) ?? 0);
  for (const tool of getArray(usage, 'server_side_tools_used')) {
    const meter = typeof tool === 'string' ? NATIVE_TOOLS.get(tool) : undefined;
    if (meter !== undefined) add(meter, 1);
  }
  const routed = getObject(usage, 'server_tool_use_details') ?? getObject(usage, 'server_tool_use');
  const searched = getCount(routed, 'web_search_requests', anomalies) ?? 0;
  add('web_searches', searched);
  const executed = getCount(routed, 'tool_calls_executed', anomalies) ?? 0;
  if (executed > searched) {
    anomalies.push({
      code: 'tool_calls_not_counted',
      message: `${executed - searched} server tool call(s) ran whose tokens stand in no count; only a stated cost holds them`,
    });
  }
  return uses;
}

/**
 * Tool uses among the output items of a Responses body: searches of the web (not the opening of pages, nor
 * finding in them), file searches, and code sessions, one per container. Repeated items count once.
 */
export function countToolItems(output: readonly Json[]): ToolUses {
  const uses: MutableUses = {};
  const seen = new Set<string>();
  for (const item of output) {
    if (!isObject(item) || get(item, 'status') === 'failed') continue;
    const meter = meterOfItem(item);
    if (meter === null) continue;
    const identity =
      meter === 'code_sessions' ? `container ${getName(item, 'container_id') ?? ''}` : getName(item, 'id');
    if (identity !== null) {
      if (seen.has(identity)) continue;
      seen.add(identity);
    }
    uses[meter] = (uses[meter] ?? 0) + 1;
  }
  return uses;
}

function meterOfItem(item: JsonObject): (keyof ToolUses & Meter) | null {
  switch (get(item, 'type')) {
    case 'web_search_call': {
      const action = get(getObject(item, 'action'), 'type');
      return action === undefined || action === 'search' ? 'web_searches' : null;
    }
    case 'file_search_call':
      return 'file_searches';
    case 'code_interpreter_call':
      return 'code_sessions';
    default:
      return null;
  }
}
