/** Resources that gateway calls share: concurrent calls to each provider, and memory for bodies. */
import { AppError } from '@farthing/contract';
import { Room, type Shortage } from '../../http/rooms/room.ts';
import { type GatewayProviderId, OFFERED_PROVIDERS } from '../providers/offered.ts';
import type { GatewaySettings } from '../settings.ts';

export interface GatewayRooms {
  /** Concurrent calls per provider: a provider that hangs blocks only its own calls. */
  readonly calls: { readonly [P in GatewayProviderId]: Room };
  /** Bytes of request bodies, and of ends of answers that wait for their event. */
  readonly memory: Room;
}

/** Seconds after which a refused call may find room. */
const RETRY_AFTER = 5;

/** Makes the rooms of one server. */
export function openRooms(settings: GatewaySettings): GatewayRooms {
  const { calls, waiting, waitMs, memoryBytes, bodyLimitBytes } = settings;
  const line = { waiting, waitMs };
  const room = (provider: GatewayProviderId) =>
    new Room({ ...line, size: calls, refusal: (shortage) => noPlace(shortage, provider) });
  return {
    calls: perProvider(room),
    memory: new Room({ ...line, size: Math.max(memoryBytes, bodyLimitBytes), refusal: noMemory }),
  };
}

/** Refuses waiting and new calls: the server is stopping. */
export function closeRooms({ calls, memory }: GatewayRooms): void {
  const stopping = () =>
    new AppError('shutting_down', 'the server is stopping; try again shortly.', { retryAfter: 2 });
  for (const room of Object.values(calls)) room.close(stopping);
  memory.close(stopping);
}

function perProvider<Value>(make: (provider: GatewayProviderId) => Value): {
  readonly [P in GatewayProviderId]: Value;
} {
  const entries = OFFERED_PROVIDERS.map(({ id }) => [id, make(id)] as const);
  // The list of the entries is the list of the type.
  return Object.fromEntries(entries) as { readonly [P in GatewayProviderId]: Value };
}

function noPlace(shortage: Shortage, provider: GatewayProviderId): AppError {
  return shortage === 'share'
    ? new AppError(
        'too_many_calls',
        `this key, or its tenant, has as many calls to ${provider} under way as it may have at once; wait for one to end, or raise FARTHING_GATEWAY_CALLS.`,
        { retryAfter: RETRY_AFTER },
      )
    : new AppError(
        'overloaded',
        `there are as many calls to ${provider} under way as this gateway carries (FARTHING_GATEWAY_CALLS); try again shortly.`,
        { retryAfter: RETRY_AFTER },
      );
}

function noMemory(shortage: Shortage): AppError {
  return shortage === 'share'
    ? new AppError(
        'too_many_calls',
        'this key, or its tenant, has as large bodies under way as it may have at once; wait for a call to end, or raise FARTHING_GATEWAY_MEMORY_BYTES.',
        { retryAfter: RETRY_AFTER },
      )
    : new AppError(
        'overloaded',
        'the bodies under way take all the memory there is for them (FARTHING_GATEWAY_MEMORY_BYTES); try again shortly.',
        { retryAfter: RETRY_AFTER },
      );
}
