/** One call from its first byte to its last: admitted, taken through the steps, sent up, answered or refused. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@farthing/contract';
import type { FastifyBaseLogger } from 'fastify';
import type { Dispatcher } from 'undici';
import { afterBody } from '../http/bodies/unread-body.ts';
import { Places } from '../http/rooms/room.ts';
import { admit } from './admission/admit.ts';
import type { ForeignCredentials } from './admission/foreign-credentials.ts';
import { asRefusal, refuse } from './answer/refuse.ts';
import { openCall } from './call.ts';
import { Exchange } from './exchange.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { GatewayProvider } from './providers/gateway-provider.ts';
import { readTarget } from './providers/target.ts';
import type { Settle } from './recording/outcome.ts';
import { type Step, takeSteps } from './steps/step.ts';
import type { UnderWay } from './under-way.ts';

/** Dependencies common to all calls. */
export interface CallHandling {
  readonly parts: GatewayParts;
  readonly connections: Dispatcher;
  readonly underWay: UnderWay;
  readonly foreign: ForeignCredentials;
  readonly steps: readonly Step[];
  readonly settle: Settle;
}

/** Dependencies of one call. */
interface Handling {
  readonly provider: GatewayProvider;
  readonly handling: CallHandling;
  /** The request's id, for its log and a refusal. */
  readonly id: string;
  readonly log: FastifyBaseLogger;
}

/** Handles a call. Even after a fault, the caller gets an answer and the call's places are freed. */
export async function handleCall(
  incoming: IncomingMessage,
  response: ServerResponse,
  call: Handling,
): Promise<void> {
  // Without a listener an error of the socket would end the process.
  response.on('error', () => response.destroy());
  const places = new Places();
  const { provider, id, log } = call;
  try {
    await carry(incoming, response, places, call);
  } catch (error) {
    const refusal = asRefusal(error, provider);
    if (refusal === null) log.error({ err: error }, 'gateway call failed');
    const told = refusal ?? new AppError('internal', 'the gateway failed; its log has the particulars.');
    refuse(incoming, response, { form: provider.form, error: told, requestId: id });
  } finally {
    places.leave();
  }
}

async function carry(
  incoming: IncomingMessage,
  response: ServerResponse,
  places: Places,
  { provider, handling, log }: Handling,
): Promise<void> {
  const { parts, connections, underWay, foreign, steps, settle } = handling;
  if (parts.isDraining()) {
    throw new AppError('shutting_down', 'the server is stopping; try again shortly.', { retryAfter: 2 });
  }
  const target = readTarget(provider.base, incoming.url ?? '');
  const caller = await admit(incoming, parts, foreign);
  const call = await takeSteps(openCall({ incoming, response, provider, target, caller, places }), steps);
  if (call === null) return;
  const exchange = new Exchange({
    call,
    connections,
    settings: parts.settings,
    settle,
    isDraining: parts.isDraining,
    onReadFault: (error) => log.error({ err: error }, 'an answer could not be read for its usage'),
    takeRoom: (bytes) => {
      const room = parts.rooms.memory.take(caller, bytes);
      if (room !== null) places.keep(room);
      return room !== null;
    },
  });
  exchange.start();
  underWay.add(exchange);
  await exchange.over;
  // The answer came before the request was complete: the rest of the body must not be parsed as the next request.
  if (!incoming.complete && !incoming.destroyed) afterBody(incoming, () => incoming.socket.destroySoon());
}
