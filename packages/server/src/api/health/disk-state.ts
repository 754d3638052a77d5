/** State of the spool's and the journal's folder, for `/readyz`. Public, so it gives counts only: no path, no reason. */
import type { DiskStateAnswer } from '@farthing/contract';
import type { SpoolView } from '../../record/spool/spool.ts';

/** The state of one folder. */
export async function readDiskState(view: SpoolView): Promise<DiskStateAnswer> {
  const { damagedFiles, setAsideEvents } = await view.leftovers();
  return {
    refusing: view.status().refusing !== null,
    damaged_files: damagedFiles,
    set_aside_events: setAsideEvents,
  };
}
