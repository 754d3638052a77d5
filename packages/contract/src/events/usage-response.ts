/**
 * A line of recorded provider responses, as `POST /api/usage/events?format=responses` and `farthing import` take it.
 * Fields that are not named here are ignored, so that recordings of other tools go in as they are; each line is
 * answered like an event.
 */
export interface UsageResponseLine {
  /** Makes a second import of the same line a duplicate. */
  readonly id?: string;
  readonly provider?: string;
  /** chat, responses, embeddings, messages, … */
  readonly surface?: string;
  readonly api?: string;
  readonly format?: 'json' | 'sse' | 'ndjson' | 'eventstream';
  /** The parsed body (`format: json`). */
  readonly body?: unknown;
  /** The text of the stream (`sse`, `ndjson`). */
  readonly stream?: string;
  readonly stream_base64?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly url?: string;
  readonly method?: string;
  /** HTTP status; 200 where absent. */
  readonly status?: number;
  readonly request?: { readonly [key: string]: unknown };
  readonly request_model?: string;
  /** When the call was made, RFC 3339. Absent: the response's own creation time, else now. */
  readonly at?: string;
}
