/** What waits on disk for the database, and what of it needs a person. */
import { join } from 'node:path';
import { surveySpool } from '@farthing/server';
import { typed } from '../../console/typed.ts';
import type { Finding } from './finding.ts';

/** The folders in the data folder in which events wait. */
export const SPOOL_FOLDERS = ['spool', 'journal'] as const;

/**
 * Waiting events are no fault: a running server records them when the database answers. Damaged stretches and events set
 * aside are a fault: they may hold acknowledged events that are in no table.
 */
export async function spoolFindings(dataDir: string): Promise<Finding[]> {
  const findings = await Promise.all(SPOOL_FOLDERS.map((name) => folderFindings(dataDir, name)));
  return findings.flat();
}

async function folderFindings(dataDir: string, name: string): Promise<Finding[]> {
  try {
    const { segments, bytes, leftovers } = await surveySpool(join(dataDir, name));
    const { damagedFiles, damagedBytes, setAsideEvents, setAsideBytes } = leftovers;
    const found: Finding[] = [
      segments === 0
        ? { name, state: 'good', text: 'empty' }
        : { name, state: 'info', text: `${bytes} bytes in ${segments} files wait for the database` },
    ];
    const look = `: see \`${typed('spool show')}\`, then remove them with \`${typed('spool remove')}\``;
    if (damagedFiles > 0) {
      const text = `${damagedFiles} files of damaged stretches, ${damagedBytes} bytes, which may hold events that are in no table${look}`;
      found.push({ name, state: 'bad', text });
    }
    if (setAsideBytes > 0) {
      const text = `${setAsideEvents} events set aside that neither the ledger nor the quarantine took${look}`;
      found.push({ name, state: 'bad', text });
    }
    return found;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ name, state: 'bad', text: `cannot be read: ${reason}` }];
  }
}
