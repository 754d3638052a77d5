/** The examples of docs/sdk.md run as they stand. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ScriptedProvider, startScriptedProvider } from '../provider/scripted-provider.ts';
import { type Collector, startCollector } from './collector.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/sdk.md`, 'utf8');
const examples = [...page.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? '');
/** Events each example is expected to leave. */
const expected = [1, 2, 1, 0, 2];

let provider: ScriptedProvider;
let collector: Collector;

beforeAll(async () => {
  provider = await startScriptedProvider();
  collector = await startCollector();
});
afterAll(async () => {
  await provider.close();
  await collector.close();
});

async function run(code: string): Promise<number | null> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      FARTHING_URL: collector.url,
      FARTHING_API_KEY: 'k',
      OPENAI_API_KEY: 'any',
      OPENAI_BASE_URL: provider.openaiUrl,
      ANTHROPIC_API_KEY: 'any',
      ANTHROPIC_BASE_URL: provider.url,
    },
  });
  const [exit] = await once(child, 'exit');
  return exit as number | null;
}

test('every example has its expectation here', () => {
  expect(examples).toHaveLength(expected.length);
});

for (const [index, code] of examples.entries()) {
  test(`example ${index + 1} runs, ends by itself and leaves ${expected[index]} events`, async () => {
    const before = collector.events.length;
    expect(await run(code)).toBe(0);
    expect(collector.events.length - before).toBe(expected[index]);
  });
}

test('the third example leaves the attribution the page says', () => {
  expect(collector.events.find((event) => event['task'] === 'summarise')).toMatchObject({
    project: 'support',
    environment: 'production',
    agent: 'triage',
    user: 'ada',
    tags: { team: 'growth' },
  });
});
