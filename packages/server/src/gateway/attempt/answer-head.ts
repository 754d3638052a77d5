/** The head of a provider's answer, made into what can be passed on: HTTP lets a provider say more than Node will write. */
import { headerOf } from '../headers/forwarded-headers.ts';

export interface AnswerHead {
  readonly status: number;
  /** May be empty; every character is one byte that HTTP allows. */
  readonly phrase: string;
  /** Names and values in turn, one character per byte. */
  readonly headers: readonly string[];
  /** `content-type`, where there is one. */
  readonly contentType: string | undefined;
  /** `content-encoding`, where there is one. */
  readonly encoding: string | undefined;
}

/** @param phrase the reason phrase as undici decoded it */
export function readHead(status: number, phrase: string, raw: readonly Buffer[]): AnswerHead {
  const headers = raw.map((part) => part.toString('latin1'));
  return {
    status,
    phrase: passable(phrase),
    headers,
    contentType: headerOf(headers, 'content-type'),
    encoding: headerOf(headers, 'content-encoding'),
  };
}

/**
 * The reason phrase in its own bytes, which may be UTF-8: `429 请求过多`. If those bytes are lost (they were not UTF-8) or
 * hold control characters, the phrase is dropped; no client acts on it.
 */
function passable(phrase: string): string {
  if (PLAIN.test(phrase)) return phrase;
  if (phrase.includes('\ufffd')) return '';
  const bytes = Buffer.from(phrase, 'utf8').toString('latin1');
  return FIELD_TEXT.test(bytes) ? bytes : '';
}

const PLAIN = /^[\x20-\x7e]*$/;
/** Visible characters, blanks, tabs and bytes above ASCII (RFC 9112, 4). */
const FIELD_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;
