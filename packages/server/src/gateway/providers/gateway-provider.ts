/** A provider as the gateway serves it: how it speaks, where it lives, which of its calls are recorded. */
import { formOf, matchPath, type PathMatch, type ProviderForm } from '@farthing/pricing/extract';
import type { GatewaySettings } from '../settings.ts';
import { type GatewayProviderId, OFFERED_PROVIDERS } from './offered.ts';
import { type Base, readBase } from './target.ts';

export interface GatewayProvider {
  readonly id: GatewayProviderId;
  readonly form: ProviderForm;
  readonly base: Base;
  /** Surfaces of the form whose calls are recorded. */
  readonly records: ReadonlySet<string>;
}

/** The offered providers that have an address: a default, or one that the operator set. */
export function gatewayProviders(settings: Pick<GatewaySettings, 'baseUrls'>): readonly GatewayProvider[] {
  return OFFERED_PROVIDERS.flatMap(({ id, records }) => {
    const form = formOf(id);
    if (form === null) throw new Error(`The gateway offers "${id}", but pricing has no form of this name.`);
    const baseUrl = settings.baseUrls[id] ?? form.baseUrl;
    return baseUrl === null ? [] : [{ id, form, base: readBase(id, baseUrl), records: new Set(records) }];
  });
}

/**
 * Facts read from the path of a recorded call; null for a request that is only passed through.
 *
 * @param pathname below the base URL, without query
 */
export function recordedPath(
  { form, records }: GatewayProvider,
  method: string | undefined,
  pathname: string,
): PathMatch | null {
  const match = method === 'POST' ? matchPath(form, pathname) : null;
  return match !== null && records.has(match.surface.name) ? match : null;
}
