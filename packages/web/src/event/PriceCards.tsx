/** The price rows behind the charge: where each came from and when it was in force. */
import { formatUsdExact } from '../format/money.ts';
import type { EventDetail } from './types.ts';

type Card = EventDetail['pricing']['cards'][number];

/** A card can be made of several sources: a fee that was read elsewhere than the token prices, say. */
function isElsewhere({ provenance }: Card['rates'][number], card: Card): boolean {
  return provenance.table !== card.provenance.table || provenance.date !== card.provenance.date;
}

export function PriceCards({ pricing }: { readonly pricing: EventDetail['pricing'] }) {
  if (pricing.cards.length === 0)
    return <p className="panel-note">No price card matched. Price book {pricing.price_version}.</p>;
  return (
    <>
      {pricing.cards.map((card) => (
        <details key={card.id} className="price-card">
          <summary>
            Price card: {card.provider} {card.model}, {card.tier} tier
            {card.region === null ? '' : `, ${card.region}`},{' '}
            {card.from === null ? 'no earlier price known' : `from ${card.from.slice(0, 10)}`}
            {card.to === null ? '' : ` to ${card.to.slice(0, 10)}`}
          </summary>
          <p className="panel-note">
            Source: {card.provenance.table} {card.provenance.version}, {card.provenance.date}
            {card.provenance.checked === null ? '' : `, checked ${card.provenance.checked}`}
            {card.provenance.url === null ? null : (
              <>
                {' '}
                ·{' '}
                <a href={card.provenance.url} rel="noreferrer noopener" target="_blank">
                  price page
                </a>
              </>
            )}
            <br />
            <span className="mono">{card.id}</span> · book {pricing.price_version}
          </p>
          <table className="figures">
            <tbody>
              {card.rates.map((rate) => (
                <tr key={rate.meter}>
                  <td title={rate.meter}>{rate.label}</td>
                  <td className="num">
                    {formatUsdExact(rate.usd)} / {rate.per.toLocaleString('en-US')}
                    {rate.steps.map((step) => (
                      <div key={step.from} className="panel-note">
                        from {step.from.toLocaleString('en-US')} tokens of context {formatUsdExact(step.usd)}
                      </div>
                    ))}
                    {isElsewhere(rate, card) ? (
                      <div className="panel-note">
                        from {rate.provenance.table}, {rate.provenance.date}
                      </div>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ))}
    </>
  );
}
