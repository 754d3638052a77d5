/** Step `place`: a call waits until it may run among the concurrent calls to its provider. */
import { enter } from '../../http/rooms/enter-room.ts';
import type { GatewayRooms } from '../admission/rooms.ts';
import type { Step } from './step.ts';

export function takePlace({ calls }: Pick<GatewayRooms, 'calls'>): Step {
  return {
    name: 'place',
    run: async (call) => {
      const place = await enter(calls[call.provider.id], call.caller, 1, call.response);
      if (place === null) return null;
      call.places.keep(place);
      return call;
    },
  };
}
