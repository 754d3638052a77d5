/** The composition root: every part of the server, in the order in which it is opened. Closing goes the other way. */
import { keepAgentDefault } from '../budgets/write-agent-default.ts';
import type { AppContext } from '../context.ts';
import { openAccounts } from './accounts.ts';
import { openDoors } from './doors.ts';
import { openGround, type Surroundings } from './ground.ts';
import { type Listening, openHttp } from './http.ts';
import { openLedger } from './ledger.ts';
import type { Opening } from './opening.ts';
import { openUpkeep } from './upkeep.ts';

export interface OpenServerOptions extends Surroundings {
  /** Folder of the built dashboard. */
  readonly dashboardFolder: string;
}

/** A whole server at work. */
export interface OpenServer extends Listening {
  readonly context: AppContext;
  /** The admin key made at this start, to be shown once; null when there was one before. */
  readonly newAdminKey: string | null;
}

/**
 * Opens everything: database, migrations, accounts, recorder, periodic work, HTTP.
 *
 * @example const { whole, close } = await openTogether((opening) => openServer(opening, options), ends);
 */
export async function openServer(opening: Opening, options: OpenServerOptions): Promise<OpenServer> {
  const ground = await openGround(opening, options);
  const accounts = await openAccounts(opening, ground);
  await keepAgentDefault(ground.db, ground.config.agents.defaultLimitPicos);
  const ledger = await openLedger(opening, ground, accounts, options.files);
  const upkeep = await openUpkeep(opening, ground);
  const doors = await openDoors(opening, ground);
  const { config, log, now, db, vitals, isDraining } = ground;
  const context = { config, log, now, db, vitals, isDraining, ...accounts, ...ledger, ...upkeep, ...doors };
  const newAdminKey = await context.tenants.ensureAdminKey(config.adminKey);
  const listening = await openHttp(opening, context, options.dashboardFolder);
  return { ...listening, context, newAdminKey };
}
