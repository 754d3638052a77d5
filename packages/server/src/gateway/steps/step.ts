/** A step between a call's admission and its being sent to the provider. Steps run one after the other. */
import type { Call } from '../call.ts';

export interface Step {
  /** As the README names it. */
  readonly name: string;
  /**
   * Returns the call for the next step, changed or not; null if its client has disconnected. Resources it takes go to
   * `call.places`.
   *
   * @throws AppError the call is refused; its message tells the caller what to do
   */
  readonly run: (call: Call) => Call | null | Promise<Call | null>;
}

/** Takes a call through steps; null where its client left meanwhile. Throws what a step throws. */
export async function takeSteps(call: Call, steps: readonly Step[]): Promise<Call | null> {
  let current = call;
  for (const { run } of steps) {
    const next = run(current);
    const taken = next instanceof Promise ? await next : next;
    if (taken === null) return null;
    current = taken;
  }
  return current.response.destroyed ? null : current;
}
