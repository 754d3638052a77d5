/**
 * Step `stream usage`: a stream whose provider states its usage only where that is asked for is asked for it. The chunk
 * that this adds to the answer goes out of it again, see `answer/client-answer.ts`.
 */
import type { UsageOption } from '@farthing/pricing/extract';
import type { RequestBody } from '../request/request-body.ts';
import type { GatewaySettings } from '../settings.ts';
import type { Step } from './step.ts';

export function askForUsage({ askStreamUsage }: Pick<GatewaySettings, 'askStreamUsage'>): Step {
  return {
    name: 'stream usage',
    run: (call) => {
      const { recorded, request } = call;
      const option = recorded?.match.surface.stream?.usageOption ?? null;
      if (!askStreamUsage || option === null || request === null || !request.streams) return call;
      const body = withUsageAsked(request.body, option);
      return body === null ? call : { ...call, request: { ...request, body, usageAdded: true } };
    },
  };
}

/** Null where the caller asks for usage already, or where the options are of no form that the provider would take. */
export function withUsageAsked(body: RequestBody, { member, option }: UsageOption): RequestBody | null {
  if (!body.isObject) return null;
  if (!body.has(member)) return body.with(member, JSON.stringify({ [option]: true }));
  if (body.at(`${member}.${option}`) === true) return null;
  const options = body.value(member);
  if (typeof options !== 'object' || Array.isArray(options)) return null;
  return body.with(member, JSON.stringify({ ...options, [option]: true }));
}
