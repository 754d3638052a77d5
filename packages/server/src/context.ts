/** The parts of the server that routes work with, as one value. `composition/` opens it. */
import type { AccountParts } from './composition/accounts.ts';
import type { DoorParts } from './composition/doors.ts';
import type { GroundParts } from './composition/ground.ts';
import type { LedgerParts } from './composition/ledger.ts';
import type { UpkeepParts } from './composition/upkeep.ts';

export interface AppContext extends GroundParts, AccountParts, LedgerParts, UpkeepParts, DoorParts {}
