/** Range, zone, tenant and filters: all of it is in the URL. */
import { Button, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useScope, useUrl } from '../address/scope.ts';
import { FILTERS, RANGES, type RangeName, type Search } from '../address/search.ts';
import { knownTimeZones } from '../format/time.ts';
import { LiveMark } from '../live/live.tsx';
import { useSession } from '../session/session.ts';
import { SchemeSwitch } from './Shell.tsx';

const RANGE_OPTIONS = Object.entries(RANGES).map(([value, label]) => ({ value, label }));
const ALL_TENANTS = '';

export function TopBar({ title }: { readonly title: string }) {
  const search = useUrl();
  const session = useSession();
  const { timezone } = useScope();
  const navigate = useNavigate();
  const change = (part: { [K in keyof Search]?: Search[K] | undefined }) =>
    void navigate({ to: '.', search: (previous) => withoutUndefined({ ...previous, ...part }) });
  const zones = useMemo(() => knownTimeZones(timezone), [timezone]);
  return (
    <header className="topbar">
      <h1 style={{ margin: 0 }}>{title}</h1>
      <span className="grow" />
      <LiveMark />
      <Select
        aria-label="Time range"
        data={RANGE_OPTIONS}
        value={search.range}
        allowDeselect={false}
        w={160}
        onChange={(value) => change({ range: (value ?? '30d') as RangeName })}
      />
      <Select
        aria-label="Time zone"
        data={zones as string[]}
        value={timezone}
        searchable
        allowDeselect={false}
        limit={100}
        w={170}
        onChange={(value) =>
          change({ zone: value === null || value === session.timezone ? undefined : value })
        }
      />
      {session.tenants.length > 1 ? (
        <Select
          aria-label="Tenant"
          w={160}
          allowDeselect={false}
          value={search.tenant ?? ALL_TENANTS}
          data={[
            { value: ALL_TENANTS, label: 'All tenants' },
            ...session.tenants.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(value) =>
            change({ tenant: value === null || value === ALL_TENANTS ? undefined : value })
          }
        />
      ) : null}
      <SchemeSwitch />
      <FilterChips search={search} remove={(name) => change({ [name]: undefined })} />
    </header>
  );
}

function FilterChips({
  search,
  remove,
}: {
  readonly search: Search;
  readonly remove: (name: keyof Search) => void;
}) {
  const chips = FILTERS.filter((name) => search[name] !== undefined);
  if (chips.length === 0 && search.unpriced === undefined) return null;
  return (
    <div style={{ flexBasis: '100%', display: 'flex', flexWrap: 'wrap', gap: 8 }}>
      {chips.map((name) => (
        <Button
          key={name}
          size="compact-sm"
          variant="default"
          maw={320}
          rightSection={<IconX size={13} aria-hidden />}
          aria-label={`${name}: ${search[name] === '' ? '—' : search[name]}, remove this filter`}
          onClick={() => remove(name)}
        >
          {name}: {search[name] === '' ? '—' : search[name]}
        </Button>
      ))}
      {search.unpriced ? (
        <Button
          size="compact-sm"
          variant="default"
          rightSection={<IconX size={13} aria-hidden />}
          onClick={() => remove('unpriced')}
          aria-label="unpriced only, remove this filter"
        >
          unpriced only
        </Button>
      ) : null}
    </div>
  );
}

function withoutUndefined(search: { [K in keyof Search]?: Search[K] | undefined }): Search {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined),
  ) as unknown as Search;
}
