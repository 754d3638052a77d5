/** The client: tracks provider clients, records events, delivers them in the background. */
import type { UsageEventInput } from '@farthing/contract';
import { type Attribution, mergeAttribution, wireAttribution } from './attribution.ts';
import { currentAttribution, withAttribution } from './attribution-store.ts';
import { newEventId } from './event-id.ts';
import { Delivery, type DeliveryStats } from './send/delivery.ts';
import { flushOnExit } from './send/on-exit.ts';
import { type DeliveryError, type FarthingOptions, type Settings, settingsOf } from './settings.ts';
import { runLater } from './track/run-later.ts';
import { trackClient } from './track/track-client.ts';
import type { TrackOptions } from './track/tracked-fetch.ts';

/** An event as {@link Farthing.record} takes it: the API's event, its id and time filled in where absent. */
export type EventInput = UsageEventInput;

/**
 * Makes cost visible without ever being in the way: nothing here makes a model call fail or wait.
 *
 * @example
 * const farthing = new Farthing({ url: 'http://127.0.0.1:4141', apiKey: process.env.FARTHING_API_KEY });
 * const openai = farthing.track(new OpenAI());
 */
export class Farthing {
  readonly #settings: Settings;
  readonly #delivery: Delivery;
  readonly #forgetExit: () => void;

  /** Throws only if `url` is not a URL. */
  constructor(options: FarthingOptions = {}) {
    const settings = settingsOf(options);
    this.#settings = settings;
    this.#delivery = new Delivery(settings);
    this.#forgetExit =
      settings.flushOnExit && settings.costTracking
        ? flushOnExit({
            pending: () => this.#delivery.stats().queued > 0,
            flush: () => this.flush({ timeoutMs: settings.exitFlushMs }),
          })
        : () => undefined;
  }

  /**
   * Records every model call this client makes from now on, streams and embeddings included. Returns the same
   * client. A client that cannot be tracked is returned unchanged, and `onError` is called.
   */
  track<C extends object>(client: C, options: TrackOptions = {}): C {
    if (!this.#settings.costTracking) return client;
    try {
      const refusal = trackClient(client, this, {
        options,
        sink: { record: (event) => this.#add(event), fault: (error) => this.#tellInternal(error) },
        farthingUrl: this.#settings.url,
        apiKey: this.#settings.apiKey,
        attribution: () => this.#attribution(),
      });
      if (refusal !== undefined) this.#tellInternal(new Error(`This client cannot be tracked: ${refusal}.`));
    } catch (error) {
      this.#tellInternal(error);
    }
    return client;
  }

  /**
   * Records one event. Give exactly one of `response`, `usage`, `quantities`; attribution in force is added
   * where the event says nothing itself.
   *
   * @returns The event's id, or null where tracking is off.
   * @example
   * farthing.record({ provider: 'openai', model: 'gpt-4o-mini', usage: response.usage });
   */
  record(event: EventInput): string | null {
    const attribution = this.#attribution();
    if (!this.#settings.costTracking || attribution.costTrackingEnabled === false) return null;
    const now = Date.now();
    const context = wireAttribution(attribution);
    const tags = { ...context.tags, ...event.tags };
    const id = event.id ?? newEventId(now);
    const complete = {
      // A response that knows its creation time keeps it; anything else happened now.
      ...(knowsItsTime(event) ? {} : { time: new Date(now).toISOString() }),
      ...context,
      ...event,
      id,
      ...(Object.keys(tags).length === 0 ? {} : { tags }),
    };
    runLater(
      () => this.#add(complete),
      (error) => this.#tellInternal(error),
    );
    return id;
  }

  /** Runs `fn` with this attribution; see {@link withAttribution}. */
  withAttribution<T>(attribution: Attribution, fn: () => T): T {
    return withAttribution(attribution, fn);
  }

  /**
   * Sends what waits. Never rejects.
   *
   * @returns true where everything was delivered, false where the server did not take it in time.
   */
  async flush(options: { readonly timeoutMs?: number } = {}): Promise<boolean> {
    // Calls that have just ended hand their event over a turn later.
    await new Promise<void>((resolve) => runLater(resolve, () => resolve()));
    return this.#delivery.flush(options.timeoutMs ?? this.#settings.requestTimeoutMs);
  }

  /** Flushes, then stops: later events are dropped and counted. Tracked clients go on working. */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<boolean> {
    this.#forgetExit();
    await new Promise<void>((resolve) => runLater(resolve, () => resolve()));
    return this.#delivery.close(options.timeoutMs ?? this.#settings.requestTimeoutMs);
  }

  /** What became of the events so far. */
  stats(): DeliveryStats {
    return this.#delivery.stats();
  }

  #attribution(): Attribution {
    return mergeAttribution(this.#settings.attribution, currentAttribution());
  }

  #add(event: UsageEventInput): void {
    const id = event.id ?? newEventId(Date.now());
    this.#delivery.add({ id, json: JSON.stringify({ ...event, id }) });
  }

  #tellInternal(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    const error: DeliveryError = { kind: 'internal', message, eventIds: [], cause };
    try {
      this.#settings.onError(error);
    } catch {
      // A callback that throws must not reach the model call.
    }
  }
}

function knowsItsTime(event: EventInput): boolean {
  return [event.response?.['created'], event.response?.['created_at']].some(
    (time) => typeof time === 'number',
  );
}
