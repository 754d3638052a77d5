import { expect, it } from 'vitest';
import { createLog } from './log.ts';

const capture = (secrets: string[] = []) => {
  const lines: string[] = [];
  const log = createLog({ level: 'trace', secrets, stream: { write: (line) => lines.push(line) } });
  return { log, text: () => lines.join('') };
};

it('removes credentials by field name, by form and by value, wherever they stand', () => {
  const { log, text } = capture(['the operator"s own key']);
  log.info(
    { authorization: 'canary-1', headers: { cookie: 'canary-2', 'x-farthing-key': 'canary-3' } },
    'fields',
  );
  log.info(`frt_canary4canary4 sk-canary5-canary5 Bearer canary6.canary6 postgres://u:canary7@h/d`);
  log.error({ err: new Error('the operator"s own key is wrong') }, 'value');
  expect(text()).not.toMatch(/canary|operator/);
  // Once per credential; the error's stack repeats its message.
  expect(text().match(/redacted/g)).toHaveLength(9);
  for (const line of text().trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
});

it('leaves what is no secret alone', () => {
  const { log, text } = capture();
  log.info({ model: 'gpt-5.2', agent: 'risk-sk-scorer', cost_usd: '0.000435' }, 'usage recorded');
  expect(text()).toContain('risk-sk-scorer');
  expect(text()).not.toContain('redacted');
});
