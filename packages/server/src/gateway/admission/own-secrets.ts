/** Keeps what is secret of Farthing from going up to a provider, wherever in a request it was put by mistake. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@farthing/contract';
import { isOwnHeader } from '../headers/own-headers.ts';

/** Secrets of this server that may have any form, such as its admin key. */
export interface OwnSecrets {
  /** Length of the shortest; infinite where there is none. */
  readonly shortest: number;
  /** True for one of them. */
  has(text: string): boolean;
}

/** Where a secret of ours was found, in words for the caller. */
export interface Find {
  /** `the header x-api-key`, `the address`. */
  readonly place: string;
  /** The provider's own key belongs there. */
  readonly isProvidersPlace: boolean;
}

/** A header that is forwarded, name in lower case. Node hands its bytes over as Latin-1. */
export interface Sent {
  readonly name: string;
  readonly value: string;
}

/**
 * The headers of a request but those that are for Farthing.
 *
 * @param rawHeaders names and values in turn
 */
export function sentOn(rawHeaders: readonly string[]): readonly Sent[] {
  const sent: Sent[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (!isOwnHeader(name)) sent.push({ name, value: rawHeaders[index + 1] ?? '' });
  }
  return sent;
}

/** Headers in which a provider expects its own key. */
const PROVIDERS_PLACES = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']);

/** Headers whose name says that they carry credentials: a value that begins like a key of ours is one. */
const CREDENTIAL_NAME = /auth|key|token|secret/;
const KEY_START = /(?:^|[^0-9a-z])frt_/i;

/** Elsewhere `frt_` may be part of a word: only what is as long as half a key counts. */
const KEY_FORM = /frt_[0-9A-Za-z]{24,}/;

/**
 * Knows given secrets again. Texts are compared by hash and in constant time.
 *
 * @example ownSecrets([adminKey]).has('sk-proj-1') // false
 */
export function ownSecrets(secrets: readonly string[]): OwnSecrets {
  const lengths = new Set(secrets.map((secret) => secret.length));
  const digests = secrets.map(digest);
  return {
    shortest: Math.min(...lengths),
    has(text) {
      if (!lengths.has(text.length)) return false;
      const given = digest(text);
      return digests.some((own) => timingSafeEqual(own, given));
    },
  };
}

/**
 * Finds a key of Farthing's form or a secret of this server in a request; null if there is none.
 *
 * @param url the request target
 */
export function findOwnSecret(url: string, headers: readonly Sent[], own: OwnSecrets): Find | null {
  for (const { name, value } of headers) {
    const looksOwn = CREDENTIAL_NAME.test(name) ? KEY_START.test(value) : KEY_FORM.test(value);
    if (looksOwn || holdsOwn(value, own)) return inHeader(name);
  }
  return addressHoldsOwn(url, own) ? { place: 'the address', isProvidersPlace: false } : null;
}

/** Finds a second copy of the key that the request was admitted with; null if there is none. */
export function findAgain(key: string, url: string, headers: readonly Sent[]): Find | null {
  for (const { name, value } of headers) {
    if (value.includes(key) || basicParts(value).some((part) => part.includes(key))) return inHeader(name);
  }
  return url.includes(key) || unescaped(url).includes(key)
    ? { place: 'the address', isProvidersPlace: false }
    : null;
}

/** Credentials in the places of a provider's key that have no form of a known provider. */
export function* strangeCredentials(
  headers: readonly Sent[],
): Iterable<{ readonly credential: string; readonly find: Find }> {
  for (const { name, value } of headers) {
    if (!PROVIDERS_PLACES.has(name)) continue;
    const credential = unquoted(value.replace(SCHEME, '').trim());
    if (credential.length >= SHORTEST_SECRET && !KNOWN_FORM.test(credential))
      yield { credential, find: inHeader(name) };
  }
}

/** The error for a secret of ours in a request. */
export function notSentOn({ place, isProvidersPlace }: Find): AppError {
  const advice = isProvidersPlace
    ? `Put the Farthing key into x-farthing-key and the provider's own key into ${place.replace('the header ', '')}.`
    : 'Put the Farthing key into x-farthing-key only.';
  return new AppError('bad_request', `${place} carries a Farthing key; it was not sent on. ${advice}`);
}

/** Shorter than this no secret of ours is. */
const SHORTEST_SECRET = 32;
/** How keys of providers begin: OpenAI and Anthropic, Groq, xAI, Google, tokens of Azure, Bedrock, Perplexity, and others. */
const KNOWN_FORM = /^(?:sk[-_]|gsk_|xai-|AIza|eyJ|ABSK|pplx-|hf_|nvapi-|fw_|r8_|csk-|tgp_)/;
const SCHEME = /^[A-Za-z][A-Za-z0-9_-]{0,15} +/;

const inHeader = (name: string): Find => ({
  place: `the header ${name}`,
  isProvidersPlace: PROVIDERS_PLACES.has(name),
});

/** Whether a value, or a part of it, is something of ours. */
function holdsOwn(value: string, own: OwnSecrets): boolean {
  return [value, ...basicParts(value)].some(
    (text) =>
      KEY_FORM.test(text) ||
      (text.length >= own.shortest && partsOf(utf8(text)).some((part) => own.has(part))),
  );
}

function addressHoldsOwn(url: string, own: OwnSecrets): boolean {
  if (KEY_FORM.test(url) || KEY_FORM.test(unescaped(url))) return true;
  return url.length >= own.shortest && url.split(/[?&=/;]/).some((part) => own.has(unescaped(part)));
}

/** A value whole, without its scheme, unquoted, and in pieces: a chosen secret may hold any character. */
function partsOf(value: string): string[] {
  const bare = value.replace(SCHEME, '').trim();
  const parts = [
    value,
    bare,
    unquoted(bare),
    ...value.split(/[\s,;"'&?]+/),
    ...value.split(/[\s,;:="'&?/]+/),
  ];
  // User and password: either may hold a colon.
  for (const colon of [value.indexOf(':'), value.lastIndexOf(':')])
    if (colon !== -1) parts.push(value.slice(0, colon), value.slice(colon + 1));
  return parts;
}

/** User and password of `Basic` credentials, as one text. */
function basicParts(value: string): string[] {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*)/i.exec(value) ?? [];
  return encoded === undefined ? [] : [Buffer.from(encoded, 'base64').toString('latin1')];
}

const unquoted = (text: string): string => text.replace(/^["']+|["']+$/g, '');

/** A URL with its escapes undone, once; as it is where they are none. */
function unescaped(url: string): string {
  if (!/[%+]/.test(url)) return url;
  try {
    return decodeURIComponent(url.replaceAll('+', ' '));
  } catch {
    return url;
  }
}

const utf8 = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) ? value : Buffer.from(value, 'latin1').toString('utf8');

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
