/** Who appears in the demo data: tenants, their agents, and the models these call. All of it is invented. */

/** How a model's usage object looks. */
export type UsageStyle = 'openai' | 'anthropic' | 'embedding';

export interface DemoModel {
  readonly provider: string;
  readonly model: string;
  readonly style: UsageStyle;
  readonly weight: number;
}

export interface DemoAgent {
  readonly name: string;
  readonly project: string;
  /** Calls on a working day at full size. */
  readonly callsPerDay: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Share of the input that is read from the cache. */
  readonly cached: number;
  readonly models: readonly DemoModel[];
}

export interface DemoTenant {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly agents: readonly DemoAgent[];
}

const openai = (model: string, weight: number): DemoModel => ({
  provider: 'openai',
  model,
  style: 'openai',
  weight,
});
const anthropic = (model: string, weight: number): DemoModel => ({
  provider: 'anthropic',
  model,
  style: 'anthropic',
  weight,
});
const EMBEDDING: DemoModel = {
  provider: 'openai',
  model: 'text-embedding-3-small',
  style: 'embedding',
  weight: 1,
};
/** A model that no price book knows: what an unpriced request looks like. */
const OWN_MODEL: DemoModel = {
  provider: 'openai',
  model: 'acme-internal-13b',
  style: 'openai',
  weight: 0.01,
};

export const DEMO_TENANTS: readonly DemoTenant[] = [
  {
    id: 'demo-acme',
    name: 'Acme (synthetic)',
    timeZone: 'Europe/Berlin',
    agents: [
      {
        name: 'crawler',
        project: 'search',
        callsPerDay: 130,
        inputTokens: 5_200,
        outputTokens: 420,
        cached: 0.55,
        models: [openai('gpt-5-mini', 5), openai('gpt-5', 1), OWN_MODEL],
      },
      {
        name: 'support-bot',
        project: 'support',
        callsPerDay: 90,
        inputTokens: 3_100,
        outputTokens: 610,
        cached: 0.7,
        models: [anthropic('claude-haiku-4-5', 4), anthropic('claude-sonnet-4-5', 2)],
      },
      {
        name: 'code-reviewer',
        project: 'platform',
        callsPerDay: 26,
        inputTokens: 38_000,
        outputTokens: 2_400,
        cached: 0.8,
        models: [anthropic('claude-sonnet-4-5', 5), anthropic('claude-opus-4-5', 1)],
      },
      {
        name: 'indexer',
        project: 'search',
        callsPerDay: 60,
        inputTokens: 7_400,
        outputTokens: 0,
        cached: 0,
        models: [EMBEDDING],
      },
    ],
  },
  {
    id: 'demo-globex',
    name: 'Globex (synthetic)',
    timeZone: 'America/New_York',
    agents: [
      {
        name: 'signal-processor',
        project: 'research',
        callsPerDay: 70,
        inputTokens: 2_600,
        outputTokens: 880,
        cached: 0.2,
        models: [openai('gpt-4o-mini', 4), openai('gpt-4o', 1)],
      },
      {
        name: 'report-writer',
        project: 'finance',
        callsPerDay: 14,
        inputTokens: 11_000,
        outputTokens: 3_900,
        cached: 0.3,
        models: [openai('gpt-5', 2), anthropic('claude-sonnet-4-5', 1)],
      },
    ],
  },
  {
    id: 'demo-initech',
    name: 'Initech (synthetic)',
    timeZone: 'Asia/Kolkata',
    agents: [
      {
        name: 'ticket-triage',
        project: 'helpdesk',
        callsPerDay: 45,
        inputTokens: 1_500,
        outputTokens: 190,
        cached: 0.4,
        models: [anthropic('claude-haiku-4-5', 3), openai('gpt-5-nano', 2)],
      },
    ],
  },
];

/** The one thing that went wrong: an agent that called itself in a loop for an afternoon. */
export const SPIKE = {
  tenant: 'demo-acme',
  agent: 'crawler',
  daysAgo: 17,
  fromHour: 13,
  toHour: 17,
  calls: 420,
  inputTokens: 21_000,
} as const;
