/**
 * The usage event as the ledger keeps it: normalised, attributed, not yet rated.
 * Every door (API, import, gateway, …) builds this and hands it to `record/`.
 */
import type {
  Anomaly,
  Json,
  JsonObject,
  Operation,
  ReportedCost,
  ServiceTier,
  UsageSegment,
  UsageSource,
} from '@farthing/pricing';

/** The entry point of an event. */
export type Door = 'sdk' | 'gateway' | 'otlp' | 'import' | 'api';

/** Attribution of an event. All but the tenant are optional names that the caller chooses. */
export interface EventAttribution {
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly user: string | null;
  readonly apiKeyId: string | null;
  readonly workflow: string | null;
  readonly task: string | null;
  readonly session: string | null;
  readonly requestId: string | null;
  readonly tags: { readonly [key: string]: string };
}

export interface UsageEvent {
  readonly tenant: string;
  /** Unique per tenant; made by the caller where possible. */
  readonly id: string;
  /** SHA-256 (hex) over what the caller sent, canonical JSON: same id + same hash = duplicate. */
  readonly contentHash: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly door: Door;
  readonly provider: string;
  readonly requestedModel: string | null;
  /** The served model where known, else the requested one. */
  readonly model: string;
  readonly operation: Operation;
  readonly status: 'ok' | 'error' | 'aborted';
  /**
   * False where the provider cannot have billed the call: it failed before the model ran, or an earlier answer was
   * read again. Without usage it then costs 0 instead of being unpriced. Absent: false exactly for errors.
   */
  readonly billed?: boolean;
  readonly latencyMs: number | null;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly responseId: string | null;
  readonly attribution: EventAttribution;
  readonly tier: ServiceTier;
  readonly speed: 'standard' | 'fast' | null;
  readonly region: string | null;
  readonly segments: readonly UsageSegment[];
  readonly source: UsageSource;
  readonly convention: string;
  readonly rawUsage: Json;
  readonly reportedCost: ReportedCost | null;
  readonly anomalies: readonly Anomaly[];
  readonly metadata: JsonObject | null;
}

/** The results of the events given to the recorder, in the same order. */
export type RecordOutcome =
  | {
      readonly status: 'accepted' | 'superseded' | 'duplicate';
      readonly id: string;
      /** Null = unpriced. */
      readonly costPicos: bigint | null;
      readonly unpriced: readonly string[];
    }
  /** Durable on disk; priced when the database is back. */
  | { readonly status: 'queued'; readonly id: string }
  /** Another event has this id. Nothing was changed. */
  | { readonly status: 'conflict'; readonly id: string; readonly message: string }
  /** The ledger cannot hold this event; its neighbours were kept. */
  | {
      readonly status: 'rejected';
      readonly id: string;
      readonly code: 'invalid_event' | 'unknown_tenant' | 'past_retention' | 'unstorable_event';
      readonly message: string;
    };
