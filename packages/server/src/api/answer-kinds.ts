/** Answers other than the JSON envelope: a file, a stream of events, a page, a redirect. */
import type { UsdNumber } from '@farthing/contract';
import type { z } from 'zod';
import type { RawJson } from '../http/money.ts';

/** A file that is sent while it is produced; it is never whole in memory. */
export interface StreamedFile {
  /** One of the announced media types. */
  readonly type: string;
  /** Name to save it under; without one a browser shows it. */
  readonly fileName?: string;
  /** The content piece by piece. An error on the way ends the connection, so that a cut file is never taken for whole. */
  readonly content: AsyncIterable<string | Buffer>;
}

/** A download: `handle` returns a {@link StreamedFile}. */
export interface StreamAnswer {
  readonly kind: 'stream';
  readonly types: readonly string[];
}

/** Server-sent events: `handle` opens the stream and returns {@link SENT}. */
export interface EventsAnswer {
  readonly kind: 'events';
  /** Shape of `data` by the event's name. */
  readonly events: { readonly [name: string]: z.ZodType };
}

/** A text of another type than the envelope: `handle` returns it whole. */
export interface TextAnswer {
  readonly kind: 'text';
  readonly type: string;
}

/** Sends the caller elsewhere (303): `handle` returns the address. */
export interface RedirectAnswer {
  readonly kind: 'redirect';
}

export type AnswerKind = StreamAnswer | EventsAnswer | TextAnswer | RedirectAnswer;
/** The `answer` of an endpoint. A schema describes `data` in the envelope. */
export type EndpointAnswer = z.ZodType | AnswerKind;

/** A download of one of these media types. @example answer: stream('text/csv', 'application/x-ndjson') */
export const stream = (...types: readonly [string, ...string[]]): StreamAnswer => ({ kind: 'stream', types });

/** Server-sent events. @example answer: serverSentEvents({ usage: z.object({ id: z.string() }) }) */
export const serverSentEvents = (events: EventsAnswer['events']): EventsAnswer => ({
  kind: 'events',
  events,
});

/** A text of this media type. @example answer: text('text/html; charset=utf-8') */
export const text = (type: string): TextAnswer => ({ kind: 'text', type });

/** Another address. */
export const redirect: RedirectAnswer = { kind: 'redirect' };

/** See {@link SENT}. */
export interface TakenOver {
  readonly sent: true;
}

/** Says that the endpoint has taken the reply over. */
export const SENT: TakenOver = { sent: true };

/** A value ready to be printed: read-only, and amounts that are numbers keep all their digits. */
export type Printed<T> = unknown extends T
  ? unknown
  : T extends UsdNumber
    ? RawJson
    : { readonly [K in keyof T]: Printed<T[K]> };

/** What `handle` returns for an answer. */
export type ReturnedFor<A extends EndpointAnswer> = A extends StreamAnswer
  ? StreamedFile
  : A extends EventsAnswer
    ? TakenOver
    : A extends TextAnswer | RedirectAnswer
      ? string
      : A extends z.ZodType
        ? Printed<z.output<A>>
        : never;

/** True for an answer in the envelope. */
export const isEnvelope = (answer: EndpointAnswer): answer is z.ZodType => !('kind' in answer);
