/** Checks who may call through the gateway, and for which tenant. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@farthing/contract';
import type { EventAttribution } from '../../ledger/usage-event.ts';
import type { Identity } from '../../tenants/identity.ts';
import { single } from '../headers/own-headers.ts';
import { readAttribution, readTenant } from './attribution-headers.ts';
import type { ForeignCredentials } from './foreign-credentials.ts';
import {
  findAgain,
  findOwnSecret,
  notSentOn,
  type OwnSecrets,
  sentOn,
  strangeCredentials,
} from './own-secrets.ts';

export interface Gatekeeper {
  /** The identity behind a Farthing key; null without a valid key. */
  readonly identify: (key: string) => Promise<Identity | null>;
  /** Asked where an admin key names a tenant; absent: every name is taken. */
  readonly tenantExists?: (id: string) => Promise<boolean>;
  /** Secrets that must not reach a provider, besides everything that has the form of a Farthing key. */
  readonly ownSecrets: OwnSecrets;
}

/** The identity and attribution a call was admitted with. */
export interface Admitted {
  readonly tenant: string;
  /** Id of the key. */
  readonly key: string;
  readonly attribution: EventAttribution;
}

/** The part of a request that says who calls. */
export type Asking = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url'>;

/**
 * Checks the Farthing key and reads the call's attribution.
 *
 * @param foreign credentials of providers, which are not ours
 * @throws AppError no valid key, one that may not write, a Farthing key where it would go up, malformed attribution
 * @throws RejectionError a tenant or an attribution that the key may not write to
 */
export async function admit(
  { headers, rawHeaders, url = '' }: Asking,
  gatekeeper: Gatekeeper,
  foreign: ForeignCredentials,
): Promise<Admitted> {
  const sent = sentOn(rawHeaders);
  const misplaced = findOwnSecret(url, sent, gatekeeper.ownSecrets);
  if (misplaced !== null) throw notSentOn(misplaced);
  const key = single(headers, 'x-farthing-key');
  const identity = key === undefined ? null : await gatekeeper.identify(key);
  if (key === undefined || identity === null) {
    throw new AppError(
      'unauthorized',
      'send a valid Farthing API key in the header x-farthing-key; the provider key stays where it is.',
    );
  }
  if (!identity.permissions.has('events:write')) {
    throw new AppError(
      'forbidden',
      'this key may not call through the gateway: it lacks the permission "events:write".',
    );
  }
  const again = findAgain(key, url, sent);
  if (again !== null) throw notSentOn(again);
  for (const { credential, find } of strangeCredentials(sent)) {
    if (!(await foreign.has(credential))) throw notSentOn(find);
  }
  const tenant = readTenant(headers, identity);
  const attribution = readAttribution(headers, identity);
  if (identity.tenantId === null && (await gatekeeper.tenantExists?.(tenant)) === false) {
    throw new AppError('unknown_tenant', `there is no tenant "${tenant}"; correct x-farthing-tenant.`);
  }
  return { tenant, key: identity.keyId, attribution };
}
