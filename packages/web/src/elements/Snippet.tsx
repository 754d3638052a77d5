import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { ScrollRegion } from './ScrollRegion.tsx';
import styles from './Snippet.module.css';

interface SnippetProps {
  readonly text: string;
  readonly label: string;
  /** Offer to copy it. */
  readonly copy?: boolean;
}

/** Code or JSON as it is written. */
export function Snippet({ text, label, copy = true }: SnippetProps) {
  return (
    <div className={styles['frame']}>
      <ScrollRegion className={styles['snippet']} label={label}>
        {text}
      </ScrollRegion>
      {copy ? <Copy text={text} label={label} /> : null}
    </div>
  );
}

function Copy({ text, label }: Pick<SnippetProps, 'text' | 'label'>) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <ActionIcon
          variant="default"
          size={28}
          onClick={copy}
          aria-label={copied ? 'Copied' : `Copy: ${label}`}
          className={styles['copy']}
        >
          {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
