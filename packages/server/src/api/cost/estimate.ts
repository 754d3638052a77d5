/** `POST /api/cost/estimate`: what calls would cost, model by model and together, once and at volume. */
import { costEstimateAnswer } from '@farthing/contract';
import { type ExplainedLine, parseDecimal, printDecimal, printUsd } from '@farthing/pricing';
import { withScope } from '../../costs/with-scope.ts';
import { answerEstimate } from '../../estimates/answer-estimate.ts';
import type { CallEstimate, EstimatedCost } from '../../estimates/estimate-cost.ts';
import { estimateInput } from '../../estimates/estimate-input.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { exactNumber } from '../../http/money.ts';
import { endpoint } from '../endpoint.ts';

export const estimateCosts = endpoint({
  access: 'usage:read',
  summary: 'What calls would cost: models × quantities × volume.',
  description:
    'Compares models for one usage, or adds up the calls that one unit of work makes: each with a `usage` of its own and `times`. By the prices in force for the tenant. `cost_usd` of a model is that of one call, its `volumes` count `times`; `total` is all of them together. What has no price is null and says why, never zero.',
  tags: ['costs'],
  body: estimateInput,
  answer: costEstimateAnswer,
  errors: ['unknown_tenant'],
  examples: [
    {
      name: 'two models for the same usage',
      body: {
        models: [{ model: 'gpt-4o-mini' }, { provider: 'anthropic', model: 'claude-sonnet-4-5' }],
        usage: { input_tokens: 1200, output_tokens: 300, cache_read_tokens: 800 },
        calls: [1000, 10000],
      },
    },
    {
      name: 'one unit of work, of several calls',
      body: {
        models: [
          { model: 'gpt-4o-mini', usage: { input_tokens: 1300, output_tokens: 250 } },
          { model: 'gpt-4o', usage: { input_tokens: 442, output_tokens: 100 }, times: 1.5 },
          { model: 'text-embedding-3-small', quantities: { input_uncached: 500 } },
        ],
        calls: [1000000],
      },
    },
  ],
  async handle({ context: { db, books, now }, identity, body: input }) {
    const tenant = readableTenant(identity, input.tenant);
    if (tenant !== null) await withScope(db, tenant, async () => undefined); // refuses an unknown tenant
    const estimate = answerEstimate(books, { input, tenant, now: now() });
    return {
      models: estimate.calls.map(modelOf),
      total: costOf(estimate.total),
      at: estimate.at,
      tier: input.tier,
      region: input.region ?? null,
      price_book: estimate.priceBook,
    };
  },
});

const modelOf = (call: CallEstimate) => ({
  provider: call.provider,
  model: call.model,
  times: call.times,
  input_tokens: call.inputTokens,
  output_tokens: call.outputTokens,
  cost_usd: usd(call.callPicos),
  volumes: costOf(call.cost).volumes,
  lines: call.lines.map(lineOf),
  unpriced: call.unpriced,
});

const usd = (picos: bigint | null) => exactNumber(picos === null ? null : printUsd(picos));
/** A price as its card prints it, in the plain form that JSON has. */
const plain = (decimal: string | null) =>
  exactNumber(decimal === null ? null : printDecimal(parseDecimal(decimal)));

const costOf = ({ picos, volumes: times }: EstimatedCost) => ({
  cost_usd: usd(picos),
  volumes: times.map((volume) => ({ calls: volume.calls, cost_usd: usd(volume.picos) })),
});

const lineOf = (one: ExplainedLine) => ({
  meter: one.meter,
  label: one.label,
  unit: one.unit,
  quantity: one.quantity,
  rate_usd: plain(one.rate_usd),
  per: one.per,
  cost_usd: plain(one.amount_usd),
  inherited_from: one.inherited_from,
  threshold: one.threshold,
});
