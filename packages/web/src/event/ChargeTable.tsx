/** The charge: one line per meter; the lines sum to the amount below them. */
import { Badge } from '../elements/Badge.tsx';
import { Note } from '../elements/Note.tsx';
import type { Column } from '../figures/column.ts';
import { Figures } from '../figures/Figures.tsx';
import { formatCountExact } from '../format/count.ts';
import { formatUsdExact } from '../format/money.ts';
import styles from './ChargeTable.module.css';
import type { OpenedEvent } from './types.ts';

type Line = OpenedEvent['pricing']['lines'][number];

const SCALE_WORDS: Record<number, string> = { 1: '', 1000: '1k ', 1000000: '1M ' };

export function ChargeTable({ pricing }: Pick<OpenedEvent, 'pricing'>) {
  if (pricing.lines.length === 0) return <Note>There is no quantity to price.</Note>;
  return (
    <Figures
      caption="The charge, by meter"
      columns={columns(pricing)}
      rows={pricing.lines}
      rowKey={({ segment, meter }) => `${segment}/${meter}`}
    />
  );
}

function columns(pricing: OpenedEvent['pricing']): readonly Column<Line>[] {
  return [
    {
      id: 'meter',
      head: 'meter',
      kind: 'text',
      cell: (line) => <Meter line={line} />,
      hover: (line) => line.meter,
      total: pricing.cost_usd === null ? 'priced so far' : 'total',
    },
    { id: 'quantity', head: 'quantity', kind: 'figure', cell: (line) => formatCountExact(line.quantity) },
    { id: 'rate', head: 'rate', kind: 'figure', cell: (line) => <Rate line={line} /> },
    {
      id: 'amount',
      head: 'amount',
      kind: 'figure',
      cell: (line) =>
        line.amount_usd === null ? <Badge tone="warning">unpriced</Badge> : formatUsdExact(line.amount_usd),
      total: formatUsdExact(pricing.priced_subtotal_usd),
    },
  ];
}

function Meter({ line }: { readonly line: Line }) {
  return (
    <>
      {line.label}
      {line.inherited_from === null ? null : <Note as="div">at the rate of {line.inherited_from}</Note>}
    </>
  );
}

/** `$0.175 / 1M tokens`; the unit gives way on a phone. */
function Rate({ line }: { readonly line: Line }) {
  if (line.rate === null || line.per === null) return '—';
  return (
    <>
      {formatUsdExact(line.rate)} / {scale(line.per)}
      <span className={styles['unit']}>{line.unit}</span>
    </>
  );
}

function scale(per: number): string {
  return SCALE_WORDS[per] ?? `${formatCountExact(per)} `;
}
