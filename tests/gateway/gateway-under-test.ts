/** The gateway alone, in front of the fake provider, with a recorder that keeps events in memory. */

import { fastify } from 'fastify';
import { type OwnSecrets, ownSecrets } from '../../packages/server/src/gateway/admission/own-secrets.ts';
import { type GatewayRooms, openRooms } from '../../packages/server/src/gateway/admission/rooms.ts';
import type { Unrecorded } from '../../packages/server/src/gateway/recording/settle.ts';
import { gatewayRoutes } from '../../packages/server/src/gateway/routes.ts';
import type { GatewaySettings } from '../../packages/server/src/gateway/settings.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { createLog } from '../../packages/server/src/log.ts';
import type { OverloadedError } from '../../packages/server/src/record/overloaded-error.ts';
import { type Identity, makeIdentity } from '../../packages/server/src/tenants/identity.ts';
import {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
} from '../provider/scripted-provider.ts';

export const FARTHING_KEY = 'frt_test_key';

export interface GatewayUnderTest {
  readonly provider: ScriptedProvider;
  readonly url: string;
  readonly events: UsageEvent[];
  /** What "Cost recording failed" was said of. */
  readonly unrecorded: Unrecorded[];
  /** What the calls share. */
  readonly rooms: GatewayRooms;
  /** Log lines of calls that failed inside the gateway. */
  readonly faults: string[];
  /** New calls are refused from now on. */
  drain(): void;
  /** Resolves with the n-th event once it is recorded. */
  event(index?: number): Promise<UsageEvent>;
  close(): Promise<void>;
}

export interface GatewayTestOptions {
  readonly settings?: Partial<GatewaySettings>;
  readonly provider?: ScriptedProviderOptions;
  /** Base URL of both providers; the fake provider's where absent. */
  readonly upstream?: string;
  readonly identity?: Identity;
  readonly identify?: (key: string) => Promise<Identity | null>;
  readonly tenantExists?: (id: string) => Promise<boolean>;
  readonly ownSecrets?: OwnSecrets;
  readonly recording?: boolean;
  /** Stands between an event and its being durable. */
  readonly record?: (event: UsageEvent) => Promise<void>;
  /** Called for every event that was not recorded, before `unrecorded` is. */
  readonly onRecordFailure?: () => void;
  /** Asked before a call begins, when its answer begins and when it ends; a place for faults. */
  readonly isDraining?: () => boolean;
  /** Why no event can be kept now. */
  readonly refusal?: () => OverloadedError | null;
}

const TENANT_IDENTITY = makeIdentity({
  keyId: '00000000-0000-4000-8000-000000000001',
  role: 'member',
  tenantId: 'acme',
});

export async function startGatewayUnderTest(options: GatewayTestOptions = {}): Promise<GatewayUnderTest> {
  const provider = await startScriptedProvider(options.provider ?? {});
  const events: UsageEvent[] = [];
  const unrecorded: Unrecorded[] = [];
  let draining = false;
  let closed: Promise<void> | undefined;
  const faults: string[] = [];
  const app = fastify({
    forceCloseConnections: true,
    loggerInstance: createLog({ level: 'error', stream: { write: (line) => faults.push(line) } }),
  });
  const settings: GatewaySettings = {
    baseUrls: { openai: options.upstream ?? provider.url, anthropic: options.upstream ?? provider.url },
    durability: 'strict',
    onClientDisconnect: 'abort',
    readOnMs: 5_000,
    askStreamUsage: true,
    bodyLimitBytes: 8 * 1024 * 1024,
    upstreamTimeoutMs: 5_000,
    calls: 2_048,
    waiting: 1_024,
    waitMs: 5_000,
    memoryBytes: 256 * 1024 * 1024,
    ...options.settings,
  };
  const rooms = openRooms(settings);
  await app.register(gatewayRoutes, {
    settings,
    rooms,
    ownSecrets: options.ownSecrets ?? ownSecrets([]),
    identify:
      options.identify ??
      (async (key: string) => (key === FARTHING_KEY ? (options.identity ?? TENANT_IDENTITY) : null)),
    ...(options.tenantExists === undefined ? {} : { tenantExists: options.tenantExists }),
    record: async (event: UsageEvent) => {
      await options.record?.(event);
      events.push(event);
    },
    onRecordFailure: (call: Unrecorded) => {
      options.onRecordFailure?.();
      unrecorded.push(call);
    },
    ...(options.refusal === undefined ? {} : { refusal: options.refusal }),
    recording: options.recording ?? true,
    isDraining: () => options.isDraining?.() ?? draining,
    now: () => Date.now(),
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    provider,
    url,
    events,
    unrecorded,
    rooms,
    faults,
    drain: () => {
      draining = true;
    },
    event: async (index = 0) => {
      for (let waited = 0; waited < 5_000; waited += 10) {
        const event = events[index];
        if (event !== undefined) return event;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`event ${index} was not recorded within 5 s; ${events.length} were`);
    },
    close: () => {
      closed ??= app.close().then(() => provider.close());
      return closed;
    },
  };
}
