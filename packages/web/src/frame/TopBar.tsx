/** The bar above every page: its title, and the controls that change the address. */
import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { useChangeUrl, useScope, useUrl } from '../address/scope.ts';
import { isRangeName, TIME_RANGES } from '../address/time-ranges.ts';
import { knownTimeZones } from '../format/time.ts';
import { LiveMark } from '../live/LiveMark.tsx';
import { useSession } from '../session/session.ts';
import { FilterChips } from './FilterChips.tsx';
import { SchemeSwitch } from './SchemeSwitch.tsx';
import styles from './TopBar.module.css';

const RANGE_OPTIONS = Object.entries(TIME_RANGES).map(([value, { label }]) => ({ value, label }));
const ALL_TENANTS = '';

export function TopBar({ title }: { readonly title: string }) {
  return (
    <header className={styles['bar']}>
      <h1>{title}</h1>
      <LiveMark />
      <RangeSelect />
      <ZoneSelect />
      <TenantSelect />
      <SchemeSwitch />
      <FilterChips />
    </header>
  );
}

function RangeSelect() {
  const { range } = useUrl();
  const change = useChangeUrl();
  return (
    <Select
      aria-label="Time range"
      className={styles['choice']}
      data={RANGE_OPTIONS}
      value={range}
      allowDeselect={false}
      w={160}
      onChange={(value) => (value !== null && isRangeName(value) ? change({ range: value }) : undefined)}
    />
  );
}

function ZoneSelect() {
  const session = useSession();
  const { timezone } = useScope();
  const change = useChangeUrl();
  const zones = useMemo(() => [...knownTimeZones(timezone)], [timezone]);
  return (
    <Select
      aria-label="Time zone"
      className={styles['choice']}
      data={zones}
      value={timezone}
      searchable
      allowDeselect={false}
      limit={100}
      w={170}
      onChange={(value) => change({ zone: value === null || value === session.timezone ? undefined : value })}
    />
  );
}

function TenantSelect() {
  const { tenants } = useSession();
  const { tenant } = useUrl();
  const change = useChangeUrl();
  if (tenants.length <= 1) return null;
  return (
    <Select
      aria-label="Tenant"
      className={styles['choice']}
      w={160}
      allowDeselect={false}
      value={tenant ?? ALL_TENANTS}
      data={[
        { value: ALL_TENANTS, label: 'All tenants' },
        ...tenants.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={(value) => change({ tenant: value === null || value === ALL_TENANTS ? undefined : value })}
    />
  );
}
