/** The price rows behind the charge: where each came from and when it was in force. */
import { Note } from '../elements/Note.tsx';
import type { Column } from '../figures/column.ts';
import { Figures } from '../figures/Figures.tsx';
import { formatUsdExact } from '../format/money.ts';
import type { OpenedEvent } from './types.ts';

type Card = OpenedEvent['pricing']['cards'][number];
type CardRate = Card['rates'][number];

export function PriceCards({ pricing }: Pick<OpenedEvent, 'pricing'>) {
  if (pricing.cards.length === 0)
    return <Note>No price card matched. Price book {pricing.price_version}.</Note>;
  return pricing.cards.map((card) => <PriceCard key={card.id} card={card} book={pricing.price_version} />);
}

function PriceCard({ card, book }: { readonly card: Card; readonly book: string }) {
  return (
    <details>
      <summary>
        Price card: {card.provider} {card.model}, {card.tier} tier
        {card.region === null ? '' : `, ${card.region}`},{' '}
        {card.from === null ? 'no earlier price known' : `from ${card.from.slice(0, 10)}`}
        {card.to === null ? '' : ` to ${card.to.slice(0, 10)}`}
      </summary>
      <Note>
        <Source provenance={card.provenance} />
        <br />
        <code>{card.id}</code> · book {book}
      </Note>
      <Figures
        caption={`Rates of ${card.provider} ${card.model}`}
        columns={columns(card)}
        rows={card.rates}
        rowKey={({ meter }) => meter}
      />
    </details>
  );
}

function Source({ provenance }: Pick<Card, 'provenance'>) {
  return (
    <>
      Source: {provenance.table} {provenance.version}, {provenance.date}
      {provenance.checked === null ? '' : `, checked ${provenance.checked}`}
      {provenance.url === null ? null : (
        <>
          {' '}
          ·{' '}
          <a href={provenance.url} rel="noreferrer noopener" target="_blank">
            price page
          </a>
        </>
      )}
    </>
  );
}

function columns(card: Card): readonly Column<CardRate>[] {
  return [
    { id: 'meter', head: 'meter', kind: 'text', cell: ({ label }) => label, hover: ({ meter }) => meter },
    { id: 'rate', head: 'rate', kind: 'figure', cell: (rate) => <Rate rate={rate} card={card} /> },
  ];
}

function Rate({ rate, card }: { readonly rate: CardRate; readonly card: Card }) {
  return (
    <>
      {formatUsdExact(rate.usd)} / {rate.per.toLocaleString('en-US')}
      {rate.steps.map((step) => (
        <Note as="div" key={step.from}>
          from {step.from.toLocaleString('en-US')} tokens of context {formatUsdExact(step.usd)}
        </Note>
      ))}
      {isElsewhere(rate, card) ? (
        <Note as="div">
          from {rate.provenance.table}, {rate.provenance.date}
        </Note>
      ) : null}
    </>
  );
}

/** A card can have several sources, for example if a fee was not read where the token prices were. */
function isElsewhere({ provenance }: CardRate, card: Card): boolean {
  return provenance.table !== card.provenance.table || provenance.date !== card.provenance.date;
}
