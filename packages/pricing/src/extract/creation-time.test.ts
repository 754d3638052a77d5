import { expect, test } from 'vitest';
import { readResponseLine } from '../lines/response-line.ts';
import { creationTime } from './creation-time.ts';

const NOW = Date.UTC(2026, 10, 20);
const seconds = (time: number) => time / 1000;

test('a response without a time was made when it says it was created, if that can be', () => {
  const created = Date.UTC(2026, 3, 1);
  expect(creationTime(seconds(created), NOW)).toBe(created);
  expect(creationTime(null, NOW)).toBe(NOW);
  expect(creationTime(seconds(Date.UTC(2050, 0, 1)), NOW)).toBe(NOW);
  expect(creationTime(seconds(Date.UTC(2019, 0, 1)), NOW)).toBe(NOW);
});

test('a recorded line is priced at the same time as the event made of it', () => {
  const body = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-4o',
    created: seconds(Date.UTC(2050, 0, 1)),
    choices: [],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
  expect(readResponseLine({ provider: 'openai', format: 'json', body }, NOW).at).toBe(NOW);
});
