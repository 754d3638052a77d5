/** Step `recording`: decides whether the call is recorded. A call whose event could not be stored is refused. */
import { AppError } from '@farthing/contract';
import type { OverloadedError } from '../../record/overloaded-error.ts';
import { recordedPath } from '../providers/gateway-provider.ts';
import type { Step } from './step.ts';

export interface RecordingChoice {
  /** False: calls pass, nothing is recorded (`FF_COST_TRACKING`). */
  readonly recording: boolean;
  /** Why the event of a call could not be kept now; null where it can. Asked before the provider is. */
  readonly refusal?: () => OverloadedError | null;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function chooseRecording({ recording, refusal, now }: RecordingChoice): Step {
  return {
    name: 'recording',
    run: (call) => {
      const { provider, target, incoming } = call;
      const match = recording ? recordedPath(provider, incoming.method, target.pathname) : null;
      if (match === null) return call;
      const overloaded = refusal?.() ?? null;
      if (overloaded !== null) {
        throw new AppError('overloaded', `the call was not made: ${overloaded.message}`, {
          retryAfter: overloaded.retryAfterSeconds,
        });
      }
      return { ...call, recorded: { match, start: { at: now(), tick: performance.now() } } };
    },
  };
}
