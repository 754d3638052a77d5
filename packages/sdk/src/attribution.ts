/** Who a call belongs to: the caller's own names, merged from the outside in. */
import type { UsageEventInput } from '@farthing/contract';

/** Everything is optional; names are the caller's, up to 256 characters. */
export interface Attribution {
  /** Only with an admin key; else the key decides. */
  readonly tenant?: string | undefined;
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
  readonly agent?: string | undefined;
  /** Another spelling of {@link agent}. */
  readonly agentId?: string | undefined;
  readonly user?: string | undefined;
  /** Absent: the request id, where there is one. */
  readonly workflow?: string | undefined;
  readonly task?: string | undefined;
  readonly session?: string | undefined;
  readonly requestId?: string | undefined;
  /** Up to 32; inner tags win over outer ones of the same name. */
  readonly tags?: { readonly [key: string]: string } | undefined;
  /** `false`: calls made inside are not recorded. An inner `true` switches on again. */
  readonly costTrackingEnabled?: boolean | undefined;
}

type WireAttribution = Pick<
  UsageEventInput,
  | 'tenant'
  | 'project'
  | 'environment'
  | 'agent'
  | 'user'
  | 'workflow'
  | 'task'
  | 'session'
  | 'request_id'
  | 'tags'
>;

const MAX_NAME = 256;
const MAX_TAGS = 32;

/** The inner attribution over the outer one; what the inner one leaves undefined stays, tags are united. */
export function mergeAttribution(outer: Attribution, inner: Attribution): Attribution {
  const given = Object.fromEntries(Object.entries(inner).filter(([, value]) => value !== undefined));
  // One name in two spellings: an inner agent must not be beaten by an outer agentId.
  const named = inner.agent !== undefined || inner.agentId !== undefined;
  const base = named ? { ...outer, agent: undefined, agentId: undefined } : outer;
  const tags = outer.tags === undefined ? inner.tags : { ...outer.tags, ...inner.tags };
  return { ...base, ...given, ...(tags === undefined ? {} : { tags }) };
}

/** Attribution as the API takes it: trimmed, control characters removed, too long or too many cut off. */
export function wireAttribution(attribution: Attribution): WireAttribution {
  const requestId = cleanName(attribution.requestId);
  const fields = {
    tenant: cleanName(attribution.tenant),
    project: cleanName(attribution.project),
    environment: cleanName(attribution.environment),
    agent: cleanName(attribution.agent ?? attribution.agentId),
    user: cleanName(attribution.user),
    workflow: cleanName(attribution.workflow) ?? requestId,
    task: cleanName(attribution.task),
    session: cleanName(attribution.session),
    request_id: requestId,
    tags: cleanTags(attribution.tags),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A name the API accepts, or nothing. Attribution must never be the reason why an event is refused. */
export function cleanName(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const name = String(value)
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, MAX_NAME)
    .toWellFormed()
    .trim();
  return name === '' ? undefined : name;
}

function cleanTags(tags: Attribution['tags']): { [key: string]: string } | undefined {
  if (tags === undefined || tags === null) return undefined;
  const entries = Object.entries(tags).flatMap(([key, value]): [string, string][] => {
    const name = cleanName(key);
    return name === undefined || value === undefined || value === null ? [] : [[name, storable(value)]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries.slice(0, MAX_TAGS));
}

/** Text that a database can hold: no NUL, no half of a surrogate pair. */
function storable(value: string): string {
  return String(value).replaceAll('\0', '').slice(0, MAX_NAME).toWellFormed();
}
