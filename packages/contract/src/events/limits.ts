/** Limits of what `POST /api/usage/events` takes: items in a request, size of an item, length of its names. */

/** Longest id, name or label that is stored. */
export const MAX_NAME_LENGTH = 256;
/** The caller's own labels on one event. */
export const MAX_TAGS = 32;
/** Longest `metadata`, as JSON text. */
export const MAX_METADATA_LENGTH = 16_384;
/** Most items (events or recorded responses) in one request; past it the request is refused with `too_many_items`. */
export const MAX_BATCH_ITEMS = 10_000;
/** Largest `usage` or `quantities`, in bytes of JSON, and values in it. */
export const MAX_USAGE_BYTES = 65_536;
export const MAX_USAGE_VALUES = 2_000;
/** Largest event without its `response` (a line without its body, stream and request), in bytes and values. */
export const MAX_EVENT_BYTES = 262_144;
export const MAX_EVENT_VALUES = 4_000;
