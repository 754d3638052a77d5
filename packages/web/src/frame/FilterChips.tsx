/** What the page is narrowed to; each chip takes its filter away. */
import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { filterNames, filterWord } from '../address/filters.ts';
import { useChangeUrl, useUrlSearch } from '../address/scope.ts';
import type { Search } from '../address/search.ts';
import styles from './FilterChips.module.css';

interface Chip {
  readonly name: keyof Search;
  readonly text: string;
}

export function FilterChips() {
  const search = useUrlSearch();
  const change = useChangeUrl();
  const chips: readonly Chip[] = [
    ...filterNames(Object.keys(search)).map((name) => ({
      name,
      text: `${filterWord(name)}: ${search[name] || '—'}`,
    })),
    ...(search.unpriced ? [{ name: 'unpriced', text: 'unpriced only' } as const] : []),
  ];
  if (chips.length === 0) return null;
  return (
    <div className={styles['chips']}>
      {chips.map(({ name, text }) => (
        <Button
          key={name}
          size="compact-sm"
          variant="default"
          maw={320}
          rightSection={<IconX size={13} aria-hidden />}
          aria-label={`${text}, remove this filter`}
          onClick={() => change({ [name]: undefined })}
        >
          {text}
        </Button>
      ))}
    </div>
  );
}
