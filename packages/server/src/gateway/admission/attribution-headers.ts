/** Attribution of a gateway call: `x-farthing-project: …`, `x-farthing-tags: k=v,k2=v2`. */

import type { IncomingHttpHeaders } from 'node:http';
import { AppError, MAX_NAME_LENGTH, MAX_TAGS } from '@farthing/contract';
import type { EventAttribution } from '../../ledger/usage-event.ts';
import { bindAttribution, tenantOf } from '../../tenants/attribution/bind-attribution.ts';
import type { Identity } from '../../tenants/identity.ts';
import { OWN_PREFIX, single } from '../headers/own-headers.ts';

/**
 * Reads who a call belongs to. Values may be percent-encoded UTF-8, since a header carries only ASCII safely.
 *
 * @throws AppError a value that is too long or malformed
 * @throws RejectionError an attribution other than what the key is bound to
 *
 * @example readAttribution({ 'x-farthing-agent': 'crawler' }, identity).agent // 'crawler'
 */
export function readAttribution(headers: IncomingHttpHeaders, identity: Identity): EventAttribution {
  const requestId = name(headers, 'request-id');
  return {
    ...bindAttribution(identity, {
      project: name(headers, 'project'),
      environment: name(headers, 'environment'),
      agent: name(headers, 'agent'),
      user: name(headers, 'user'),
      tags: readTags(single(headers, `${OWN_PREFIX}tags`)),
    }),
    // A call without a workflow is its own workflow, named by its request id.
    workflow: name(headers, 'workflow') ?? requestId,
    task: name(headers, 'task'),
    session: name(headers, 'session'),
    requestId,
  };
}

/** Tenant of a gateway call: the key's own; an admin key may name one in `x-farthing-tenant`. */
export function readTenant(headers: IncomingHttpHeaders, identity: Identity): string {
  return tenantOf(identity, name(headers, 'tenant') ?? undefined);
}

function name(headers: IncomingHttpHeaders, field: string): string | null {
  const header = `${OWN_PREFIX}${field}`;
  const raw = single(headers, header);
  if (raw === undefined) return null;
  const value = decode(asUtf8(raw).trim());
  if (value === '') return null;
  checkName(value, header);
  return value;
}

function readTags(raw: string | undefined): { readonly [key: string]: string } {
  if (raw === undefined || raw.trim() === '') return {};
  const header = `${OWN_PREFIX}tags`;
  const tags = new Map<string, string>();
  for (const pair of asUtf8(raw).split(',')) {
    const at = pair.indexOf('=');
    const key = decode(pair.slice(0, at).trim());
    if (at < 1 || key === '') {
      throw new AppError(
        'invalid_parameter',
        `${header} must read key=value,key=value; "${pair.slice(0, 80)}" does not.`,
      );
    }
    const value = decode(pair.slice(at + 1).trim());
    checkName(key, header);
    checkName(value, header);
    tags.set(key, value);
  }
  if (tags.size > MAX_TAGS)
    throw new AppError('invalid_parameter', `${header} names ${tags.size} tags; ${MAX_TAGS} are allowed.`);
  return Object.fromEntries(tags);
}

function checkName(value: string, header: string): void {
  if (value.length > MAX_NAME_LENGTH) {
    throw new AppError(
      'invalid_parameter',
      `${header} has a value of ${value.length} characters; ${MAX_NAME_LENGTH} are allowed.`,
    );
  }
  if (/\p{Cc}/u.test(value))
    throw new AppError('invalid_parameter', `${header} must not contain control characters.`);
}

/** Node hands header bytes over as Latin-1; clients that send other letters unescaped mostly send UTF-8. */
function asUtf8(value: string): string {
  if (/^[\x20-\x7e\t]*$/.test(value)) return value;
  try {
    return UTF8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Percent-encoding undone where it is one; a lone "%" stays what it is. */
function decode(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
