/** The charge: one line per meter; the lines sum to the amount above them. */
import { formatCountExact } from '../format/count.ts';
import { formatUsdExact } from '../format/money.ts';
import type { EventDetail } from './types.ts';

const SCALE_WORDS: Record<number, string> = { 1: '', 1000: '1k ', 1000000: '1M ' };

export function ChargeTable({ pricing }: { readonly pricing: EventDetail['pricing'] }) {
  if (pricing.lines.length === 0) return <p className="panel-note">There is no quantity to price.</p>;
  return (
    <div className="table-scroll">
      <table className="figures charge">
        <thead>
          <tr>
            <th scope="col">meter</th>
            <th scope="col" className="num">
              quantity
            </th>
            <th scope="col" className="num">
              rate
            </th>
            <th scope="col" className="num">
              amount
            </th>
          </tr>
        </thead>
        <tbody>
          {pricing.lines.map((line) => (
            <tr key={`${line.segment}/${line.meter}`}>
              <td title={line.meter}>
                {line.label}
                {line.inherited_from === null ? null : (
                  <div className="panel-note">at the rate of {line.inherited_from}</div>
                )}
              </td>
              <td className="num">{formatCountExact(line.quantity)}</td>
              <td className="num">
                <RateText line={line} />
              </td>
              <td className="num">
                {line.amount_usd === null ? (
                  <span className="badge" data-tone="warning">
                    unpriced
                  </span>
                ) : (
                  formatUsdExact(line.amount_usd)
                )}
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <td colSpan={3}>{pricing.cost_usd === null ? 'priced so far' : 'total'}</td>
            <td className="num">{formatUsdExact(pricing.priced_subtotal_usd)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** `$0.175 / 1M tokens`; the unit gives way on a phone. */
function RateText({ line }: { readonly line: EventDetail['pricing']['lines'][number] }) {
  if (line.rate === null || line.per === null) return '—';
  return (
    <>
      {formatUsdExact(line.rate)} / {scale(line.per)}
      <span className="wide-only">{line.unit}</span>
    </>
  );
}

function scale(per: number): string {
  return SCALE_WORDS[per] ?? `${formatCountExact(per)} `;
}
