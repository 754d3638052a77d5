/** The parts of the gateway, and how they are built from the server's. */
import type { Journal } from '../record/journal/journal.ts';
import type { OverloadedError } from '../record/overloaded-error.ts';
import type { Authenticator } from '../tenants/keys/authenticate.ts';
import type { Gatekeeper } from './admission/admit.ts';
import { ownSecrets } from './admission/own-secrets.ts';
import type { GatewayRooms } from './admission/rooms.ts';
import type { Ledger, Unrecorded } from './recording/settle.ts';
import type { GatewaySettings } from './settings.ts';

export interface GatewayParts extends Gatekeeper, Ledger {
  readonly settings: GatewaySettings;
  /** Shared resources; see `openRooms`. Closed when the server stops. */
  readonly rooms: GatewayRooms;
  /** False: calls pass, nothing is recorded (`FF_COST_TRACKING`). */
  readonly recording: boolean;
  /** Why the event of a call could not be kept now; null where it can. Asked before the provider is. */
  readonly refusal?: () => OverloadedError | null;
  /** While true, new calls are refused; running ones finish. */
  readonly isDraining: () => boolean;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Dependencies of the gateway on the rest of the server. */
export interface GatewayNeeds
  extends Pick<GatewayParts, 'settings' | 'rooms' | 'recording' | 'isDraining' | 'now'> {
  readonly authenticator: Pick<Authenticator, 'verify'>;
  /** Used to check a tenant that an admin key names. */
  readonly tenantExists: (id: string) => Promise<boolean>;
  /** The admin key that the operator chose; null: none. */
  readonly adminKey: string | null;
  readonly journal: Pick<Journal, 'keep' | 'refusal'>;
  readonly log: { error(details: object, message: string): void };
}

/**
 * Puts the gateway together.
 *
 * @example await app.register(gatewayRoutes, gatewayParts({ settings, rooms, authenticator, journal, … }));
 */
export function gatewayParts({
  authenticator,
  tenantExists,
  adminKey,
  journal,
  log,
  ...rest
}: GatewayNeeds): GatewayParts {
  return {
    ...rest,
    ownSecrets: ownSecrets(adminKey === null ? [] : [adminKey]),
    identify: (key) => authenticator.verify(key),
    tenantExists,
    record: (event) => journal.keep(event),
    refusal: () => journal.refusal(),
    onRecordFailure: (unrecorded: Unrecorded, error) =>
      log.error({ ...unrecorded, err: error }, 'Cost recording failed'),
  };
}
