/**
 * Usage: what one response says was consumed, already cut into disjoint quantities.
 * Extractors (`forms/`, `extract/`) make it, `rating/` prices it.
 */
import type { Quantities } from './meters.ts';

/** Kinds of call. */
export const OPERATIONS = [
  'chat',
  'responses',
  'completion',
  'embedding',
  'rerank',
  'image',
  'transcription',
  'speech',
  'realtime',
  'moderation',
  'ocr',
  'other',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Service tiers a price may depend on; an event has the **served** one, not the requested one. */
export const SERVICE_TIERS = ['standard', 'batch', 'flex', 'priority', 'scale'] as const;
export type ServiceTier = (typeof SERVICE_TIERS)[number];

/** Where the counts come from. `partial`: the stream was cut, counts are what had arrived. `none`: no usage at all. */
export type UsageSource = 'reported' | 'partial' | 'estimated' | 'none';

/** Something in the response contradicts itself. Kept and shown, never thrown, never made negative. */
export interface Anomaly {
  /** Stable snake_case code, e.g. `total_mismatch`, `cached_exceeds_input`. */
  readonly code: string;
  /** One sentence naming the numbers that disagree. */
  readonly message: string;
}

/** One billed model run. Most events have one; compaction, advisors and model fan-out add more. */
export interface UsageSegment {
  /** Model that ran, as the provider names it; null = the event's model. */
  readonly model: string | null;
  readonly quantities: Quantities;
  /** All input tokens incl. cache and tool prompt: selects the context tier of a price. */
  readonly contextTokens: number;
}

/** A cost the provider itself stated. `usd` keeps the provider's literal digits as a plain decimal. */
export interface ReportedCost {
  readonly usd: string;
  /** Where it was read, e.g. `usage.cost`. */
  readonly field: string;
}

/** JSON as parsed from a provider's body. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** The normalised reading of one response. */
export interface ExtractedUsage {
  readonly provider: string;
  /** Model that served the call; null where the response does not say. */
  readonly model: string | null;
  readonly operation: Operation;
  readonly responseId: string | null;
  /** The response's own creation time, Unix seconds; null where it has none or it is implausible. */
  readonly createdAt: number | null;
  /** Served tier; null = not stated. */
  readonly tier: ServiceTier | null;
  /** Anthropic `fast`, else null. */
  readonly speed: 'standard' | 'fast' | null;
  /** Region class where the response states one (`us`, `eu`, `global`), else null. */
  readonly region: string | null;
  readonly segments: readonly UsageSegment[];
  readonly source: UsageSource;
  /** The provider's usage object, verbatim. */
  readonly rawUsage: Json;
  /** How the counts were read, in words: "openai.chat: cached and reasoning are subsets of their totals". */
  readonly convention: string;
  readonly reportedCost: ReportedCost | null;
  readonly anomalies: readonly Anomaly[];
}
