/** Calls that go through Farthing's own gateway are recorded there; here they only get their attribution. */
import { type Attribution, wireAttribution } from '../attribution.ts';

const NAMES = ['project', 'environment', 'agent', 'user', 'workflow', 'task', 'session'] as const;

/** True for a request to the gateway of this server. */
export function isGatewayCall(url: URL, farthingUrl: string): boolean {
  return url.href.startsWith(`${farthingUrl}/gateway/`);
}

/** True for an answer that a gateway has recorded, wherever it stands. */
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
    if (value !== undefined && !headers.has(name)) headers.set(name, latin1(value));
  };
  const wire = wireAttribution(attribution);
  add('x-farthing-key', apiKey);
  for (const name of NAMES) add(`x-farthing-${name}`, wire[name]);
  add('x-farthing-request-id', wire.request_id);
  const tags = Object.entries(wire.tags ?? {}).filter((pair) => !pair.some((part) => /[,=]/.test(part)));
  if (tags.length > 0) add('x-farthing-tags', tags.map(([key, value]) => `${key}=${value}`).join(','));
  return headers;
}

/** Header values are bytes: what does not fit is left out rather than making the call fail. */
function latin1(value: string): string {
  return value.replace(/[^\x20-\x7e\xa0-\xff]/g, '?');
}
