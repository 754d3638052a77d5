/** Reads a folder of waiting events from outside, with or without a running server. */
import path from 'node:path';
import { errorCode } from './disk-errors.ts';
import { diskFiles } from './files.ts';
import { isLeftover, LeftoverStore, type Leftovers } from './leftovers.ts';

export interface SpoolSurvey {
  /** Files of events that wait, and their bytes. */
  readonly segments: number;
  readonly bytes: number;
  readonly leftovers: Leftovers;
  /** Names of the files that a person has to look at. */
  readonly leftoverFiles: readonly string[];
}

/** Counts the content of a folder; zero if there is none. Rejects with the system's error if it may not be read. */
export async function surveySpool(directory: string): Promise<SpoolSurvey> {
  const names = await diskFiles.list(directory).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  let [segments, bytes] = [0, 0];
  for (const name of names.filter((one) => one.endsWith('.spool'))) {
    const facts = await diskFiles.facts(path.join(directory, name));
    if (facts === null || facts.bytes === 0) continue;
    segments += 1;
    bytes += facts.bytes;
  }
  const leftovers = await new LeftoverStore(diskFiles, directory).count();
  return { segments, bytes, leftovers, leftoverFiles: names.filter(isLeftover).sort() };
}

/** One thing in a leftover file: a damaged stretch as text, or an event with the reason why nothing took it. */
export type Leftover =
  | { readonly offset: number; readonly text: string }
  | { readonly reason: string; readonly event: unknown };

/** Content of a leftover file. An unreadable line is returned as text. */
export async function readLeftovers(file: string): Promise<readonly Leftover[]> {
  const content = (await diskFiles.read(file)).toString('utf8');
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map(readLine);
}

function readLine(line: string): Leftover {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    return { offset: 0, text: line };
  }
  if (typeof found !== 'object' || found === null) return { offset: 0, text: line };
  const { offset, base64, reason, event } = found as { readonly [name: string]: unknown };
  return typeof base64 === 'string'
    ? { offset: Number(offset), text: Buffer.from(base64, 'base64').toString('utf8') }
    : { reason: String(reason), event };
}
