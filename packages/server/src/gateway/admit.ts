/** Who may call through the gateway, and as whom. */
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@farthing/contract';
import type { Attribution } from '../ledger/usage-event.ts';
import type { Identity } from '../tenants/identity.ts';
import { readAttribution, readTenant } from './attribution.ts';
import { single } from './headers.ts';

export interface Gatekeeper {
  /** Who a Farthing key belongs to; null for none or a bad one. */
  readonly identify: (key: string) => Promise<Identity | null>;
  /** Asked where an admin key names a tenant; absent: every name is taken. */
  readonly tenantExists?: (id: string) => Promise<boolean>;
}

export interface Admitted {
  readonly tenant: string;
  readonly attribution: Attribution;
}

/** Where a caller puts the provider's key. */
const PROVIDER_KEY_HEADERS = ['authorization', 'x-api-key', 'api-key'] as const;

/**
 * Checks the Farthing key and reads who the call belongs to.
 *
 * @throws AppError no valid key, one that may not write, a Farthing key in the place of the provider's, malformed attribution
 * @throws Rejection a tenant or an attribution that the key may not write to
 */
export async function admit(headers: IncomingHttpHeaders, gatekeeper: Gatekeeper): Promise<Admitted> {
  for (const name of PROVIDER_KEY_HEADERS) {
    if (/^(?:bearer\s+)?frt_/i.test(single(headers, name) ?? '')) {
      throw new AppError(
        'bad_request',
        `the header ${name} carries a Farthing key; it was not sent on. Put the Farthing key into x-farthing-key and the provider's own key into ${name}.`,
      );
    }
  }
  const key = single(headers, 'x-farthing-key');
  const identity = key === undefined ? null : await gatekeeper.identify(key);
  if (identity === null) {
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
  const tenant = readTenant(headers, identity);
  const attribution = readAttribution(headers, identity);
  if (identity.tenantId === null && (await gatekeeper.tenantExists?.(tenant)) === false) {
    throw new AppError('unknown_tenant', `there is no tenant "${tenant}"; correct x-farthing-tenant.`);
  }
  return { tenant, attribution };
}
