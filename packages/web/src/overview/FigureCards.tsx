/** The figures at the top. Every change is against something named. */
import type { ReactNode } from 'react';
import type { ApiOutputs } from '../api.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { Amount } from '../figures/Amount.tsx';
import { Count } from '../figures/Count.tsx';
import { formatChange, formatCount, formatPercent } from '../format/count.ts';
import { toDrawingNumber } from '../format/money.ts';
import { formatPeriod } from '../format/period.ts';

type Cards = ApiOutputs['overview']['cards'];

export function Cards({ cards }: { readonly cards: Cards | undefined }) {
  if (cards === undefined) return <CardSkeletons />;
  const { today, month, projection, range } = cards;
  return (
    <section className="cards" aria-label="Figures">
      <Card
        label="This month"
        figure={<Amount usd={month.costUsd} />}
        big
        note={change(month.changePct, formatPeriod(month.previous.label))}
      >
        <Sparkline
          label="Spend per day, last 30 days"
          values={cards.sparklines.days.map((point) => toDrawingNumber(point.costUsd))}
        />
      </Card>
      <Card
        label="Today"
        figure={<Amount usd={today.costUsd} />}
        note={
          today.changePct === null
            ? `nothing by this time on ${formatPeriod(today.previous.label)}`
            : change(today.changePct, `${formatPeriod(today.previous.label)}, same time`)
        }
      >
        <Sparkline
          label="Spend per hour, last 24 hours"
          values={cards.sparklines.hours.map((point) => toDrawingNumber(point.costUsd))}
        />
      </Card>
      <Card
        label="Month-end projection"
        figure={
          <Amount usd={projection.costUsd} unknownBecause="Not a whole day of spend to project from yet" />
        }
        note={<ProjectionNote projection={projection} />}
      />
      <Card
        label="Spend in range"
        figure={<Amount usd={range.costUsd} />}
        note={change(range.changePct, formatPeriod(range.previous.label))}
      />
      <Card
        label="Requests in range"
        figure={<Count of={range.requests} />}
        note={range.errorRatePct === null ? 'no errors' : `${formatPercent(range.errorRatePct)} errors`}
      />
      <Card
        label="Tokens in range"
        figure={<Count of={range.tokens.input + range.tokens.output} />}
        note={`${formatCount(range.tokens.input)} in · ${formatCount(range.tokens.output)} out · ${formatCount(range.tokens.cacheRead)} cached · ${formatCount(range.tokens.reasoning)} reasoning`}
      />
    </section>
  );
}

interface CardProps {
  readonly label: string;
  readonly figure: ReactNode;
  readonly note: ReactNode;
  readonly big?: boolean;
  readonly children?: ReactNode;
}

function Card({ label, figure, note, big = false, children }: CardProps) {
  return (
    <div className="card">
      <div className="card-label">{label}</div>
      <div className={big ? 'card-figure big' : 'card-figure'}>{figure}</div>
      <div className="card-note">{note}</div>
      {children}
    </div>
  );
}

function change(percent: number | null, against: string): string {
  return percent === null ? `nothing in ${against}` : `${formatChange(percent)} vs ${against}`;
}

function ProjectionNote({ projection }: { readonly projection: Cards['projection'] }) {
  if (projection.costUsd === null) return <>needs a full day of spend</>;
  return (
    <>
      <Amount usd={projection.lowUsd} /> – <Amount usd={projection.highUsd} /> · {projection.confidence}{' '}
      confidence
    </>
  );
}

function CardSkeletons() {
  return (
    <section className="cards" aria-busy="true" aria-label="Figures are loading">
      {['month', 'today', 'projection', 'range', 'requests', 'tokens'].map((name) => (
        <div key={name} className="card">
          <div className="skeleton" style={{ width: '50%', height: 14 }} />
          <div className="skeleton" style={{ width: '70%', height: 26, marginTop: 10 }} />
          <div className="skeleton" style={{ width: '90%', height: 14, marginTop: 10 }} />
        </div>
      ))}
    </section>
  );
}
