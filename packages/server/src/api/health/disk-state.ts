/** What spool and journal say of their folders, for `/readyz`. Public: counts only, no path and no reason. */
import { z } from 'zod';
import type { SpoolView } from '../../record/spool/spool.ts';
import { count } from '../schemas.ts';

export const diskState = z.object({
  refusing: z.boolean().meta({
    description: 'Nothing more can be kept on disk now: it fails, or its bound is reached. Ends by itself.',
  }),
  damaged_files: count.meta({ description: 'Damaged stretches that somebody should look at.' }),
  set_aside_events: count.meta({
    description: 'Events that neither the ledger nor the quarantine could hold.',
  }),
});

/** The state of one folder. */
export async function readDiskState(view: SpoolView): Promise<z.infer<typeof diskState>> {
  const { damagedFiles, setAsideEvents } = await view.leftovers();
  return {
    refusing: view.status().refusing !== null,
    damaged_files: damagedFiles,
    set_aside_events: setAsideEvents,
  };
}
