/** Figures that several cost routes answer. */
import { z } from 'zod';
import { count, sharePct, usdNumber } from '../schemas.ts';

/** Sums of one group, or of what a limit left out. */
export const groupFigures = {
  total_cost: usdNumber,
  requests: count,
  input_tokens: count,
  output_tokens: count,
  unpriced_requests: count,
  share_pct: sharePct,
};

/** Changes against another period. */
export const changePct = z
  .number()
  .nullable()
  .meta({ description: 'Per cent against the period before; null where that one has no cost.' });
