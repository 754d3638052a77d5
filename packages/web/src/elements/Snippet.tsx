import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { ScrollRegion } from './ScrollRegion.tsx';

/** Code to copy. */
export function Snippet({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div style={{ position: 'relative' }}>
      <ScrollRegion className="snippet" label={label}>
        {text}
      </ScrollRegion>
      <CopyButton value={text} timeout={1500}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="default"
            size={28}
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy: ${label}`}
            style={{ position: 'absolute', top: 6, right: 6 }}
          >
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}
