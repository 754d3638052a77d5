/** Refreshes the book of a server from the npm package that is installed there. */
import { type RefreshedPricesAnswer, refreshedPricesAnswer } from '@farthing/contract';
import { askServer } from '../../access/ask-server.ts';
import type { Remote } from '../../access/remote.ts';
import type { Output } from '../../console/output.ts';
import { changesText, confirmed, withDoubts, type YesOptions } from './changes-text.ts';

export interface RefreshOptions extends Remote, YesOptions {
  readonly from?: string;
}

/** Asks the server; with `dry` it only says what would change. */
export async function refresh(options: RefreshOptions, output: Output, dry: boolean): Promise<undefined> {
  const body = { from: options.from, confirm: confirmed(options), dry_run: dry };
  const path = '/api/admin/prices/refresh';
  const done = await withDoubts(options, output, () =>
    askServer(options, refreshedPricesAnswer, 'POST', path, body),
  );
  output.result(done, () => [changesText(done.changes), countsText(done, dry)].join('\n'));
  return undefined;
}

function countsText(done: RefreshedPricesAnswer, dry: boolean): string {
  const { book, version_id: version, added, changed, vanished, unchanged, doubtful } = done;
  const models = `${added} models new, ${changed} changed, ${vanished} vanished, ${unchanged} unchanged`;
  const stored = version === null ? 'nothing to take over' : `taken over as version ${version}`;
  return `${book}: ${models}; ${doubtful} changes need a yes${dry ? '' : `; ${stored}`}`;
}
