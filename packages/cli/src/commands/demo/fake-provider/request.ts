/** What the fake provider reads from a request: parsed body, text, and the hash everything else is derived from. */
import { createHash } from 'node:crypto';

/** A JSON object as parsed from a request; its keys are data. */
export type FakeBody = { readonly [key: string]: unknown };

/** True for a plain JSON object. */
export function isFakeBody(value: unknown): value is FakeBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list, or nothing where the value is not one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A nested object, or an empty one. */
export function object(value: unknown): FakeBody {
  return isFakeBody(value) ? value : {};
}

/** A string, or nothing. */
export function stringIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A finite number ≥ 0, or nothing. */
export function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** One request as the answers see it. */
export interface FakeRequest {
  readonly path: string;
  readonly body: FakeBody;
  readonly model: string;
  readonly stream: boolean;
  /** Hex digest of path and body; same request, same digest; see {@link digestOf}. */
  readonly digest: string;
  /** Unix seconds put into `created`. */
  readonly created: number;
  /** How usage is stated: as the provider does, not at all, or on two chunks. */
  readonly usage: 'normal' | 'none' | 'twice';
}

/**
 * Digest of a request. `stream` and `stream_options` do not count: a stream says what the whole answer says, and a
 * proxy that asks for usage on the caller's behalf gets the same answer as the caller would have.
 */
export function digestOf(path: string, body: FakeBody, salt: string): string {
  const { stream: _stream, stream_options: _options, ...rest } = body;
  return createHash('sha256').update(path).update(JSON.stringify(rest)).update(salt).digest('hex');
}

/** A whole number below `limit`, drawn from the digest; `lane` gives independent draws. */
export function draw(digest: string, lane: number, limit: number): number {
  const at = (lane * 6) % 56;
  return Number.parseInt(digest.slice(at, at + 8), 16) % limit;
}

/** An id in the provider's manner: prefix and 24 characters of the digest. */
export function idFrom(prefix: string, digest: string, lane = 0): string {
  const rotated = digest.slice(lane) + digest.slice(0, lane);
  return prefix + Buffer.from(rotated, 'hex').toString('base64url').replace(/[-_]/g, 'x').slice(0, 24);
}

/** All text a model would read in a value: strings anywhere inside, keys left out. */
export function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0);
  if (isFakeBody(value)) return Object.values(value).reduce<number>((sum, item) => sum + textLength(item), 0);
  return 0;
}

/** Plausible token count of a text of that many characters. */
export function tokensOf(characters: number): number {
  return Math.ceil(characters / 4);
}
