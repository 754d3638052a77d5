/** The figures at the top. Every change names what it is compared with. */
import type { ApiOutputs } from '../api.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { Amount } from '../figures/Amount.tsx';
import { Count } from '../figures/Count.tsx';
import { formatChange, formatCount, formatPercent } from '../format/count.ts';
import { formatUsd, toDrawingNumber } from '../format/money.ts';
import { formatPeriod } from '../format/period.ts';
import { FigureCard } from './FigureCard.tsx';
import styles from './layout.module.css';

type Cards = ApiOutputs['overview']['cards'];

export function FigureCards({ cards }: { readonly cards: Cards }) {
  const { today, month, projection, range } = cards;
  return (
    <section className={styles['figures']} aria-label="Figures">
      <FigureCard
        label="This month"
        figure={<Amount usd={month.costUsd} />}
        big={fitsBig(month.costUsd)}
        note={change(month.changePct, formatPeriod(month.previous.label))}
      >
        <Sparkline
          label="Spend per day, last 30 days"
          values={cards.sparklines.days.map((point) => toDrawingNumber(point.costUsd))}
        />
      </FigureCard>
      <FigureCard
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
      </FigureCard>
      <FigureCard
        label="Month-end projection"
        figure={
          <Amount usd={projection.costUsd} unknownBecause="Not a whole day of spend to project from yet" />
        }
        note={<ProjectionNote projection={projection} />}
      />
      <FigureCard
        label="Spend in range"
        figure={<Amount usd={range.costUsd} />}
        note={change(range.changePct, formatPeriod(range.previous.label))}
      />
      <FigureCard
        label="Requests in range"
        figure={<Count of={range.requests} />}
        note={range.errorRatePct === null ? 'no errors' : `${formatPercent(range.errorRatePct)} errors`}
      />
      <FigureCard
        label="Tokens in range"
        figure={<Count of={range.tokens.input + range.tokens.output} />}
        note={`${formatCount(range.tokens.input)} in · ${formatCount(range.tokens.output)} out · ${formatCount(range.tokens.cacheRead)} cached · ${formatCount(range.tokens.reasoning)} reasoning`}
      />
    </section>
  );
}

/** Longer amounts (a newcomer's first call costs $0.000228) would be cut off at the size of the big number. */
function fitsBig(usd: string | null): boolean {
  return usd === null || formatUsd(usd).length <= 8;
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
