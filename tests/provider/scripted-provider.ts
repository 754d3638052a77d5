/** The demo's fake provider with scripted faults, and a memory of what it was asked. */
import {
  type ArrivedRequest,
  type FakeProvider,
  type FakeProviderOptions,
  type ScriptedAnswer,
  startFakeProvider,
} from '../../packages/cli/src/commands/demo/fake-provider/index.ts';
import type { SendOutcome } from '../../packages/cli/src/commands/demo/fake-provider/send.ts';
import { damagedSending } from './damaged-send.ts';
import { type Fault, parseFault } from './faults.ts';

export { FAULT_NAMES } from './faults.ts';

export interface ScriptedProviderOptions extends Omit<FakeProviderOptions, 'script'> {
  /** A fault for every request that names none itself, e.g. `'429'` or `'cut-mid-stream'`. */
  readonly scenario?: string;
  /** How many requests {@link ScriptedProvider.requests} keeps; default 1000. 0 for long runs. */
  readonly keepRequests?: number;
}

/** A request as it arrived, and how it ended. */
export interface SeenRequest extends ArrivedRequest {
  /** `open` until the answer has ended. */
  outcome: SendOutcome | 'open';
}

export interface ScriptedProvider extends FakeProvider {
  /** The newest requests, oldest first. */
  readonly requests: readonly SeenRequest[];
  /** Requests since the start, forgotten ones included. */
  readonly total: number;
  /** Changes the fault of requests that name none; `undefined` heals. */
  setScenario(fault: string | undefined): void;
}

const HEALTHY: Fault = { damage: { kind: 'none' } };

/**
 * Starts the provider on 127.0.0.1.
 *
 * Headers a caller may add: `x-fake-fault` (see `faults.ts`; a model named `fault-…` does the same),
 * `x-fake-encoding: gzip`, `x-fake-split: <bytes per write>`.
 */
export async function startScriptedProvider(
  options: ScriptedProviderOptions = {},
): Promise<ScriptedProvider> {
  const { scenario: first, keepRequests = 1000, ...rest } = options;
  const requests: SeenRequest[] = [];
  const failedOnce = new Set<string>();
  let total = 0;
  let scenario = first;
  const script = (arrived: ArrivedRequest): ScriptedAnswer => {
    total += 1;
    const seen: SeenRequest = { ...arrived, outcome: 'open' };
    if (keepRequests > 0) requests.push(seen);
    if (requests.length > keepRequests) requests.shift();
    const name = faultName(arrived, scenario);
    const fault = name === undefined ? HEALTHY : parseFault(name);
    return {
      ...directionOf(arrived, fault, name, failedOnce),
      ended: (how) => {
        seen.outcome = how;
      },
    };
  };
  const provider = await startFakeProvider({ ...rest, script });
  return {
    ...provider,
    requests,
    get total() {
      return total;
    },
    setScenario(fault) {
      scenario = fault;
    },
  };
}

function directionOf(
  arrived: ArrivedRequest,
  fault: Fault | undefined,
  name: string | undefined,
  failedOnce: Set<string>,
): ScriptedAnswer {
  if (fault === undefined) return { refuse: { status: 400, message: `There is no fault named ${name}.` } };
  const sending = damagedSending({
    damage: fault.damage,
    gzip: arrived.headers['x-fake-encoding'] === 'gzip',
    split: Number(arrived.headers['x-fake-split'] ?? 0),
  });
  const refused = fault.status !== undefined && !(fault.once === true && failedOnce.has(arrived.digest));
  if (fault.once === true) failedOnce.add(arrived.digest);
  return {
    sending,
    ...(refused ? { refuse: { status: fault.status } } : {}),
    ...(fault.usage === undefined ? {} : { usage: fault.usage }),
    ...(fault.headers === undefined ? {} : { headers: fault.headers }),
  };
}

function faultName({ headers, model }: ArrivedRequest, scenario: string | undefined): string | undefined {
  const header = headers['x-fake-fault'];
  const name = typeof header === 'string' ? header : model.startsWith('fault-') ? model : scenario;
  return name?.replace(/^fault-/, '');
}
