/** `?` shows which keys do what; the keys themselves live here too. */
import { Kbd, Modal } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';

const KEYS = [
  { keys: ['g', 'o'], does: 'Overview' },
  { keys: ['g', 'r'], does: 'Requests' },
  { keys: ['Esc'], does: 'Close a panel' },
  { keys: ['?'], does: 'This sheet' },
] as const;

const CHORD_MS = 1000;
let chordUntil = 0;

export function ShortcutSheet() {
  const [opened, sheet] = useDisclosure(false);
  const navigate = useNavigate();
  const go = (to: '/' | '/requests') => {
    if (performance.now() < chordUntil) void navigate({ to, search: (previous) => previous });
  };
  useHotkeys([
    ['shift+?', sheet.toggle],
    [
      'g',
      () => {
        chordUntil = performance.now() + CHORD_MS;
      },
    ],
    ['o', () => go('/')],
    ['r', () => go('/requests')],
  ]);
  return (
    <Modal opened={opened} onClose={sheet.close} title="Keyboard" centered>
      <table className="figures">
        <tbody>
          {KEYS.map(({ keys, does }) => (
            <tr key={does}>
              <td>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </td>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
