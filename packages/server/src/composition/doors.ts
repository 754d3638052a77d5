/** Limits that the entry points share: room for gateway calls, places for live streams and for files. */
import type { DoorParts } from '../context.ts';
import { createExportDesk } from '../exports/desk.ts';
import { openRooms } from '../gateway/admission/rooms.ts';
import { createStreamHub } from '../http/sse.ts';
import type { Ground } from './ground.ts';
import type { Opening } from './opening.ts';

/** Opens them. The gateway's routes close its rooms before they wait for running calls. */
export async function openDoors(opening: Opening, { config }: Ground): Promise<DoorParts> {
  return {
    gatewayRooms: openRooms(config.gateway),
    streams: await opening.part(
      'live streams',
      () => createStreamHub({ maxClients: config.http.streamClients }),
      (part) => part.close(),
    ),
    exports: createExportDesk(),
  };
}
