/** The figures of a breakdown: a row each, the rest as "other", their total. */
import { useChangeUrl } from '../address/scope.ts';
import type { ApiOutputs } from '../api.ts';
import { colorOf } from '../charts/colors.ts';
import { Swatch } from '../elements/Swatch.tsx';
import { Count } from '../figures/Count.tsx';
import type { Column } from '../figures/column.ts';
import { Figures } from '../figures/Figures.tsx';
import { countColumn, spendColumn } from '../figures/figure-columns.tsx';
import { hasNoPrice } from '../figures/Spend.tsx';
import { formatChange, formatPercent } from '../format/count.ts';
import { formatPeriod } from '../format/period.ts';
import { OTHER_COLOR } from '../theme.ts';
import styles from './BreakdownTable.module.css';

type Breakdown = ApiOutputs['overview']['breakdown'];
type Named = Breakdown['rows'][number];
/** A single row, or the sum of the others, which has no key. */
type Row = Named | (NonNullable<Breakdown['other']> & { readonly key?: undefined });

export function BreakdownTable({ breakdown }: { readonly breakdown: Breakdown }) {
  const change = useChangeUrl();
  const { by, rows, other } = breakdown;
  return (
    <Figures<Row>
      caption={`Spend by ${by}`}
      columns={columns(breakdown, (key) => change({ [by]: key }))}
      rows={rows}
      last={other}
      rowKey={(row) => (row.key === undefined ? 'other' : `${row.provider}/${row.key}`)}
    />
  );
}

function columns(breakdown: Breakdown, onSelect: (key: string) => void): readonly Column<Row>[] {
  const { by, rows, other, total } = breakdown;
  const before = formatPeriod(breakdown.previous.label);
  return [
    {
      id: 'name',
      head: by,
      kind: 'name',
      cell: (row) => <Name row={row} by={by} onSelect={onSelect} />,
      sortBy: (row) => row.key ?? null,
      total: 'total',
    },
    spendColumn({ id: 'spend', head: 'spend' }, other === null ? rows : [...rows, other], total),
    {
      id: 'share',
      head: 'share',
      kind: 'figure',
      cell: (row) => (hasNoPrice(row) ? '—' : formatPercent(row.sharePct)),
      sortBy: (row) => (hasNoPrice(row) ? null : row.sharePct),
    },
    {
      id: 'change',
      head: 'change',
      hint: `against ${before}`,
      kind: 'figure',
      shown: 'wide',
      cell: (row) => <Change row={row} before={before} />,
      sortBy: (row) => row.changePct,
      total: total.changePct === null ? '' : formatChange(total.changePct),
    },
    countColumn(
      { id: 'requests', head: 'requests', shown: 'roomy', total: <Count of={total.requests} /> },
      (row) => row.requests,
    ),
  ];
}

interface NameProps {
  readonly row: Row;
  readonly by: string;
  readonly onSelect: (key: string) => void;
}

function Name({ row, by, onSelect }: NameProps) {
  const { key } = row;
  if (key === undefined) {
    return (
      <>
        <Swatch color={OTHER_COLOR} />
        other
      </>
    );
  }
  return (
    <button
      type="button"
      className={styles['select']}
      onClick={() => onSelect(key)}
      title={row.provider === null ? key : `${key} at ${row.provider}`}
    >
      <Swatch color={colorOf(by, key)} />
      {key || `no ${by}`}
    </button>
  );
}

/** The members of "other" differ from period to period, so it shows no change. */
function Change({ row, before }: { readonly row: Row; readonly before: string }) {
  if (row.key === undefined) return null;
  if (row.changePct === null) return <span title={`nothing in ${before}`}>new</span>;
  return formatChange(row.changePct);
}
