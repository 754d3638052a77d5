/** Reading request bodies: small JSON for most routes, raw bytes (gzip too) for the event routes. All of it bounded. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError, MAX_JSON_DEPTH, measureJson } from '@farthing/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BodyMemory } from './body-memory.ts';
import { holdsKeepable } from './keepable.ts';

const inflate = promisify(gunzip);

/** Bytes unpacked in one go, off the event loop. */
const CHUNK_BYTES = 65_536;

/** A body that unpacks to more than this many times its size is refused, unless it is small anyway. */
const MAX_RATIO = 250;
const SMALL_BYTES = 1_048_576;
/** Values in one JSON body: far more than any table of prices has, and built in a few hundredths of a second. */
const MAX_VALUES = 200_000;

/**
 * JSON bodies: parsed, refused when too deep or when they carry `__proto__` or `constructor.prototype`. An empty one is
 * none: clients announce JSON on every request they make, also where there is nothing to say.
 */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      refuseEncoding(request);
    } catch (error) {
      done(error as Error, undefined);
      return;
    }
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    const excess = excessOf(body);
    if (excess !== null) {
      done(excess, undefined);
      return;
    }
    const read = () => {
      const text = body.toString('utf8');
      parse(request, text, (error, value) => {
        if (error !== null) {
          done(
            new AppError('invalid_json', `The body is not usable JSON: ${error.message.slice(0, 200)}`),
            undefined,
          );
        } else if (!holdsKeepable(value, text)) {
          done(
            new AppError('invalid_json', 'The body has a text with NUL or half of a surrogate pair.'),
            undefined,
          );
        } else done(null, value);
      });
    };
    // Slow work is split over two turns of the event loop.
    if (body.length > SMALL_BYTES) setImmediate(read);
    else read();
  });
}

/** The limit that a JSON body exceeds, found before a parser builds it; null if none. */
function excessOf(body: Buffer): AppError | null {
  const { depth, values } = measureJson(body);
  if (depth > MAX_JSON_DEPTH)
    return new AppError('invalid_json', `The JSON nests deeper than ${MAX_JSON_DEPTH} levels.`);
  if (values > MAX_VALUES)
    return new AppError('body_too_large', `The JSON holds more than ${MAX_VALUES} values: send it in parts.`);
  return null;
}

/** How event bodies are bounded. */
export interface EventBodyOptions {
  /** Largest body after decompression. */
  readonly inflatedLimitBytes: number;
  readonly memory: BodyMemory;
}

/**
 * Event bodies: bytes, whatever their Content-Type (the content tells the format), unpacked when gzipped, and read only
 * while there is memory for them.
 */
export function readEventBodies(
  app: FastifyInstance,
  { inflatedLimitBytes, memory }: EventBodyOptions,
): void {
  app.removeAllContentTypeParsers();
  memory.shareOut(app);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    unpack(body, request.headers['content-encoding'], inflatedLimitBytes, (bytes) =>
      memory.take(request, bytes),
    ),
  );
}

/**
 * Undoes one layer of gzip within bounds.
 *
 * @param room waits for memory of so many bytes
 */
export async function unpack(
  body: Buffer,
  encoding: string | undefined,
  limitBytes: number,
  room: (bytes: number) => Promise<void> = async () => undefined,
): Promise<Buffer> {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return body;
    case 'gzip':
    case 'x-gzip': {
      const limit = Math.min(limitBytes, Math.max(SMALL_BYTES, body.length * MAX_RATIO));
      const stated = Math.min(statedLength(body), limit);
      await room(stated);
      try {
        const unpacked = await unpackWithin(body, stated);
        if (unpacked !== null) return unpacked;
        // Several members, or a length that is not true.
        await room(limit - stated);
        return await inflate(body, { maxOutputLength: limit, chunkSize: CHUNK_BYTES });
      } catch (error) {
        if (error instanceof AppError) throw error;
        if (isTooLarge(error)) {
          const bound =
            limit === limitBytes
              ? `${limit} bytes (FARTHING_INFLATED_LIMIT_BYTES)`
              : `${MAX_RATIO} times its size`;
          throw new AppError(
            'body_too_large',
            `The body unpacks to more than ${bound}: send smaller batches.`,
          );
        }
        throw new AppError('bad_request', 'The body is announced as gzip and cannot be unpacked.');
      }
    }
    default:
      throw new AppError('unsupported_media_type', 'Content-Encoding must be gzip, once, or left out.');
  }
}

/** Null if it decompresses to more. */
async function unpackWithin(body: Buffer, bytes: number): Promise<Buffer | null> {
  try {
    // At least a byte: zlib takes no bound of nothing.
    return await inflate(body, { maxOutputLength: Math.max(1, bytes), chunkSize: CHUNK_BYTES });
  } catch (error) {
    if (isTooLarge(error)) return null;
    throw error;
  }
}

/** The decompressed length that the end of gzip data states (RFC 1952, ISIZE). */
const statedLength = (body: Buffer): number => (body.length < 4 ? 0 : body.readUInt32LE(body.length - 4));

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

function refuseEncoding(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new AppError('unsupported_media_type', 'This route takes no Content-Encoding.');
  }
}
