/** Calls that go through Farthing's own gateway are recorded there; here they only get their attribution. */
import { type Attribution, wireAttribution } from '../attribution.ts';

const NAMES = ['project', 'environment', 'agent', 'user', 'workflow', 'task', 'session'] as const;

/** True for a request to the gateway of this server. */
export function isGatewayCall(url: URL, farthingUrl: string): boolean {
  return url.href.startsWith(`${farthingUrl}/gateway/`);
}

/** True for an answer that any gateway has recorded. */
export function wasRecordedByGateway(response: Response): boolean {
  return response.headers.has('x-farthing-event-id');
}

/** The request's headers with attribution added; headers the caller has set stay. */
export function withGatewayHeaders(
  given: RequestInit['headers'] | undefined,
  attribution: Attribution,
  apiKey: string | undefined,
): Headers {
  const headers = new Headers(given);
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && !headers.has(name)) headers.set(name, value);
  };
  const wire = wireAttribution(attribution);
  add('x-farthing-key', apiKey);
  for (const name of NAMES) add(`x-farthing-${name}`, encoded(wire[name]));
  add('x-farthing-request-id', encoded(wire.request_id));
  const tags = Object.entries(wire.tags ?? {});
  if (tags.length > 0) add('x-farthing-tags', tags.map(headerTag).join(','));
  return headers;
}

const encoded = (value: string | undefined) => (value === undefined ? undefined : headerValue(value));

/** A value as a header can carry it: percent-encoded where it is more than plain ASCII; the gateway decodes it. */
function headerValue(value: string): string {
  return /^[\x20-\x24\x26-\x7e]*$/.test(value) ? value : encodeURIComponent(value.toWellFormed());
}

/** One tag; its separators are encoded, so that any name and value arrive as they are. */
function headerTag([key, value]: readonly [string, string]): string {
  return [key, value]
    .map((part) => headerValue(part).replaceAll(',', '%2C').replaceAll('=', '%3D'))
    .join('=');
}
