/** Step `request`: the body of a recorded call is read, within its bound and the room that there is. */
import type { GatewayRooms } from '../admission/rooms.ts';
import { readWithinRoom } from '../request/body-room.ts';
import { readBody } from '../request/read-body.ts';
import { readRequest } from '../request/read-request.ts';
import type { GatewaySettings } from '../settings.ts';
import type { Step } from './step.ts';

export interface BodyReading {
  readonly rooms: Pick<GatewayRooms, 'memory'>;
  readonly settings: Pick<GatewaySettings, 'bodyLimitBytes'>;
}

export function readBodyOfCall({ rooms, settings }: BodyReading): Step {
  const limit = settings.bodyLimitBytes;
  return {
    name: 'request',
    run: async (call) => {
      if (call.recorded === null) return call;
      const { incoming, response, places, caller } = call;
      const ask = { room: rooms.memory, taker: caller, limit, places };
      const bytes = await readWithinRoom(incoming, response, ask, () => readBody(incoming, limit));
      if (bytes === null) return null;
      return { ...call, request: await readRequest(bytes, call.recorded.match) };
    },
  };
}
