/** One file: lines are read, prepared, sent in batches and counted; memory stays bounded by one batch. */

import { MAX_LINE_BYTES, openSource, type Position, readLines, START } from '../../console/read-lines.ts';
import { type LineKind, prepareLine } from './prepare-line.ts';
import type { Progress } from './progress-bar.ts';
import type { ProgressFile } from './progress-file.ts';
import type { Send } from './send-batch.ts';
import type { Tally } from './tally.ts';

export interface FileImport {
  readonly path: string;
  readonly tally: Tally;
  readonly progress: Progress;
  readonly send: Send;
  /** Null: nothing to remember. */
  readonly progressFile: ProgressFile | null;
}

const BATCH_LINES = 1_000;
const BATCH_BYTES = 4 * 1024 * 1024;

interface Waiting {
  readonly number: number;
  readonly kind: LineKind;
  readonly json: string;
  readonly model: string;
}

/** Imports one file from where an interrupted run left off. Bad lines are counted and do not stop the rest. */
export async function importFile(file: FileImport): Promise<void> {
  const { path, tally, progress, progressFile } = file;
  const from = progressFile?.position ?? START;
  let waiting: Waiting[] = [];
  let bytes = 0;
  let reached: Position = from;
  progress.advance(from.offset);
  const flush = async () => {
    await sendAll(file, waiting);
    if (waiting.length > 0) await progressFile?.save(reached);
    waiting = [];
    bytes = 0;
  };
  for await (const { number, text, endOffset } of readLines(await openSource(path, from.offset), from)) {
    progress.advance(endOffset - reached.offset);
    const prepared =
      text === null
        ? {
            ok: false as const,
            code: 'body_too_large' as const,
            message: `longer than ${MAX_LINE_BYTES} bytes`,
          }
        : prepareLine(text);
    if (prepared.ok) {
      const { kind, json, model } = prepared;
      if (waiting.length === BATCH_LINES || (bytes > 0 && bytes + json.length > BATCH_BYTES)) await flush();
      waiting.push({ number, kind, json, model });
      bytes += json.length;
    } else {
      tally.reject({ file: path, line: number, id: null, code: prepared.code, message: prepared.message });
    }
    reached = { offset: endOffset, line: number };
  }
  await flush();
  await progressFile?.finish();
}

/** Sends each kind in one request; answers are matched to lines by their order. */
async function sendAll({ path, send, tally }: FileImport, lines: readonly Waiting[]): Promise<void> {
  for (const kind of ['event', 'response'] as const) {
    const batch = lines.filter((line) => line.kind === kind);
    if (batch.length === 0) continue;
    const results = await send(
      kind,
      batch.map(({ json }) => json),
    );
    for (const [at, { number, model }] of batch.entries()) {
      const result = results[at];
      if (result === undefined) throw new Error(`There is no answer for ${path}:${number}.`);
      tally.add(path, number, model, result);
    }
  }
}
