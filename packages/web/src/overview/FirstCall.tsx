/** Nothing recorded yet: what would be here, and three ways to make it appear. The page turns live by itself. */
import { Tabs } from '@mantine/core';
import { Snippet } from '../elements/Snippet.tsx';
import { firstCallSnippets } from './first-call-snippets.ts';

export function FirstCall() {
  const snippets = firstCallSnippets(window.location.origin);
  return (
    <section className="card" aria-labelledby="first-call-title" style={{ padding: 24 }}>
      <h2 id="first-call-title" style={{ marginTop: 0, fontSize: 20 }}>
        No call has been recorded yet
      </h2>
      <p style={{ maxWidth: 640 }}>
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
            <p className="panel-note">{note}</p>
          </Tabs.Panel>
        ))}
      </Tabs>
    </section>
  );
}
