/** Keeps a file that a server sends: under its name only once it is whole. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { CliError } from '../../console/output.ts';

export interface SavedFile {
  readonly bytes: number;
  /** Calls that have no rows, where the server says so. */
  readonly unpriced: number;
  /** The first day of the file if no range was given and the server clipped it; else null. */
  readonly keptFrom: string | null;
}

/** Fetches and writes, to standard output where no path is given. A download that breaks off throws, and leaves no file. */
export async function saveFile(
  from: { readonly url: string; readonly key: string },
  path: string | null,
): Promise<SavedFile> {
  const answer = await fetch(from.url, { headers: { authorization: `Bearer ${from.key}` } });
  if (!answer.ok || answer.body === null) throw await refusal(answer);
  let bytes = 0;
  const counting = new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      done(null, piece);
    },
  });
  const body = Readable.fromWeb(answer.body as ReadableStream);
  const partial = path === null ? null : `${path}.part`;
  try {
    if (partial === null) await pipeline(body, counting, process.stdout, { end: false });
    else await pipeline(body, counting, createWriteStream(partial));
  } catch (error) {
    if (partial !== null) await rm(partial, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`The file broke off after ${bytes} bytes (${reason}): it is not whole. Try again.`);
  }
  if (partial !== null && path !== null) await rename(partial, path);
  return {
    bytes,
    unpriced: Number(answer.headers.get('x-farthing-unpriced-requests') ?? 0),
    keptFrom: answer.headers.get('x-farthing-kept-from'),
  };
}

async function refusal(answer: Response): Promise<CliError> {
  const body = (await answer.json().catch(() => null)) as { error?: { message?: string } } | null;
  return new CliError(body?.error?.message ?? `The server answered ${answer.status}.`);
}

/** An answer of a server as JSON without the envelope. */
export async function readJson(from: { readonly url: string; readonly key: string }): Promise<object> {
  const answer = await fetch(from.url, { headers: { authorization: `Bearer ${from.key}` } });
  if (!answer.ok) throw await refusal(answer);
  return (await answer.json()) as object;
}
