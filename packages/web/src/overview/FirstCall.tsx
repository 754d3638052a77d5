/** Nothing recorded yet: what would be here, and three ways to make it appear. The page turns live by itself. */
import { Tabs } from '@mantine/core';
import { useId } from 'react';
import { Card } from '../elements/Card.tsx';
import { Note } from '../elements/Note.tsx';
import { Snippet } from '../elements/Snippet.tsx';
import styles from './FirstCall.module.css';
import { firstCallSnippets } from './first-call-snippets.ts';

export function FirstCall() {
  const heading = useId();
  const snippets = firstCallSnippets(window.location.origin);
  return (
    <Card labelledBy={heading} padding="large">
      <h2 id={heading} className={styles['heading']}>
        No call has been recorded yet
      </h2>
      <p className={styles['promise']}>
        Spend, tokens and the newest requests will stand here, each figure with the price that made it. Send
        one call in any of these ways; this page notices it by itself.
      </p>
      <Tabs defaultValue="gateway" keepMounted={false}>
        <Tabs.List mb={12}>
          {snippets.map(({ id, title }) => (
            <Tabs.Tab key={id} value={id}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets.map(({ id, title, text, note }) => (
          <Tabs.Panel key={id} value={id}>
            <Snippet text={text} label={title} />
            <Note>{note}</Note>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Card>
  );
}
