/** `cost_adjustments`: append-only, how an event's cost came to be what it is. */
import { printUsd } from '@farthing/pricing';
import type { Tx } from '../../db/database.ts';

export interface Adjustment {
  readonly tenant: string;
  readonly eventId: string;
  /** Unix milliseconds, of the event as it is now. */
  readonly eventTime: number;
  /** `superseded`, later also re-rating runs. */
  readonly reason: string;
  readonly actor: string;
  readonly oldPicos: bigint | null;
  readonly newPicos: bigint | null;
  /** JSON text of the `charge` column before and after. */
  readonly oldCharge: string;
  readonly newCharge: string;
}

export async function insertAdjustment(tx: Tx, adjustment: Adjustment): Promise<void> {
  const usd = (picos: bigint | null) => (picos === null ? null : printUsd(picos));
  await tx.query(
    {
      name: 'insert_adjustment',
      text: `insert into cost_adjustments
               (tenant_id, event_id, event_time, reason, actor, old_cost, new_cost, old_charge, new_charge)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    },
    [
      adjustment.tenant,
      adjustment.eventId,
      new Date(adjustment.eventTime),
      adjustment.reason,
      adjustment.actor,
      usd(adjustment.oldPicos),
      usd(adjustment.newPicos),
      adjustment.oldCharge,
      adjustment.newCharge,
    ],
  );
}
