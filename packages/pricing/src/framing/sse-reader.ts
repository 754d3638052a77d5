/**
 * Server-sent events in text that arrives in pieces. A line of usual length goes through the parser. Of a longer data
 * line only an outline is kept; other long lines are skipped.
 */
import { createParser, type EventSourceParser } from 'eventsource-parser';
import { JsonOutline } from '../json/json-outline.ts';
import type { EventSink } from './event-sink.ts';

/** Longest line that is held whole. */
const MAX_LINE = 65_536;
/** Longest event of many lines; a longer one is passed over. */
const MAX_EVENT = 1_048_576;
/** Text that is looked at in one go. */
const PIECE = 65_536;

export class SseReader {
  readonly #events: EventSink;
  readonly #parser: EventSourceParser;
  readonly #encoder = new TextEncoder();
  /** Pieces of the line that has not ended yet. */
  #line: string[] = [];
  #lineLength = 0;
  /** The long line that is being read; `skipped` where nothing of it is. */
  #long: JsonOutline | 'skipped' | null = null;

  constructor(events: EventSink) {
    this.#events = events;
    this.#parser = createParser({
      // No `onError`: an error object for each line of no field costs more than all else.
      onEvent: ({ data }) => events.text(data),
      maxBufferSize: MAX_EVENT,
    });
  }

  push(text: string): void {
    for (let from = 0; from < text.length; ) {
      let to = Math.min(from + PIECE, text.length);
      if (to < text.length && isFirstHalf(text.charCodeAt(to - 1))) to -= 1;
      this.#piece(from === 0 && to === text.length ? text : text.slice(from, to));
      from = to;
    }
  }

  /** The last event counts also where the empty line behind it is missing. */
  end(): void {
    this.push('\n\n');
  }

  #piece(text: string): void {
    if (this.#long === null) this.#feed(text);
    else this.#goOn(this.#long, text);
  }

  #feed(text: string): void {
    this.#parse(text);
    const newline = text.lastIndexOf('\n');
    const end = newline === -1 ? text.lastIndexOf('\r') : newline;
    if (end !== -1) {
      this.#line = [];
      this.#lineLength = 0;
    }
    if (end === text.length - 1) return;
    this.#line.push(end === -1 ? text : text.slice(end + 1));
    this.#lineLength += text.length - end - 1;
    if (this.#lineLength > MAX_LINE) this.#beginLong(this.#line.join(''));
  }

  #parse(text: string): void {
    try {
      this.#parser.feed(text);
    } catch {
      // The event before was too long, and what is left of it is no whole event.
      this.#events.noteCut();
      this.#parser.reset();
      this.#parser.feed(text);
    }
  }

  #beginLong(begun: string): void {
    // The parser's part of the line is dropped: the outline has it.
    this.#parser.reset();
    this.#line = [];
    this.#lineLength = 0;
    const isData = begun.startsWith('data:');
    this.#long = isData ? new JsonOutline() : 'skipped';
    if (isData) this.#goOn(this.#long, begun.slice(5));
  }

  #goOn(long: JsonOutline | 'skipped', text: string): void {
    const end = text.search(/[\r\n]/);
    if (long !== 'skipped' && !long.whole && !long.broken) {
      long.push(this.#encoder.encode(end === -1 ? text : text.slice(0, end)));
    }
    if (end === -1) return;
    this.#long = null;
    if (long !== 'skipped') {
      const outline = long.text();
      if (long.cut) this.#events.noteCut();
      if (outline !== null) this.#events.text(outline);
    }
    this.#feed(text.slice(end));
  }
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
