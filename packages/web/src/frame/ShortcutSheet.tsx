/** `?` shows which keys do what; the keys themselves live here too. Those that lead to pages come from the registry. */
import { type PagePath, pagesFor } from '@farthing/contract/pages';
import { Kbd, Modal } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import type { Column } from '../figures/column.ts';
import { Figures } from '../figures/Figures.tsx';
import { useSession } from '../session/session.ts';

interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

const COLUMNS: readonly Column<Shortcut>[] = [
  { id: 'keys', head: 'keys', kind: 'brief', cell: ({ keys }) => <Keys keys={keys} /> },
  { id: 'does', head: 'lead to', kind: 'text', cell: ({ does }) => does },
];

/** How long after `g` the letter of a page is waited for. */
const CHORD_MS = 1000;

export function ShortcutSheet() {
  const [opened, sheet] = useDisclosure(false);
  const navigate = useNavigate();
  const pages = pagesFor(useSession().role);
  const chordUntil = useRef(0);
  const go = (to: PagePath) => {
    if (performance.now() < chordUntil.current) void navigate({ to, search: (previous) => previous });
  };
  useHotkeys([
    ['shift+?', sheet.toggle],
    [
      'g',
      () => {
        chordUntil.current = performance.now() + CHORD_MS;
      },
    ],
    ...pages.map(({ key, path }): [string, () => void] => [key, () => go(path)]),
  ]);
  const shortcuts: readonly Shortcut[] = [
    ...pages.map(({ key, title }) => ({ keys: ['g', key], does: title })),
    { keys: ['Esc'], does: 'Close a panel' },
    { keys: ['?'], does: 'This sheet' },
  ];
  return (
    <Modal opened={opened} onClose={sheet.close} title="Keyboard" centered>
      <Figures caption="Keys" columns={COLUMNS} rows={shortcuts} rowKey={({ does }) => does} />
    </Modal>
  );
}

function Keys({ keys }: Pick<Shortcut, 'keys'>) {
  return keys.map((key) => (
    <Kbd key={key} mr={4}>
      {key}
    </Kbd>
  ));
}
