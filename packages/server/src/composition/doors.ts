/** Limits that the entry points share: room for gateway calls, places for live streams and for files. */
import { createExportDesk, type ExportDesk } from '../exports/desk.ts';
import { type GatewayRooms, openRooms } from '../gateway/admission/rooms.ts';
import { createStreamHub, type StreamHub } from '../http/sse.ts';
import type { Ground } from './ground.ts';
import type { Opening } from './opening.ts';

export interface DoorParts {
  /** Places and memory that gateway calls share. */
  readonly gatewayRooms: GatewayRooms;
  readonly streams: StreamHub;
  /** Exports: downloads as files. */
  readonly exports: ExportDesk;
}

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
