/** A program that records three events and ends as its arguments say; run by delivery.test.ts. */
import { Farthing } from '@farthing/sdk';

const [, , mode, url = ''] = process.argv;
const farthing = new Farthing({ url, apiKey: 'k', exitFlushMs: 1000, onError: () => undefined });
for (let at = 0; at < 3; at += 1) {
  farthing.record({
    provider: 'openai',
    model: 'gpt-4o-mini',
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  });
}
if (mode !== 'exit') setInterval(() => undefined, 1000);
if (mode === 'own-handler') process.on('SIGTERM', () => setTimeout(() => process.exit(7), 500));
setTimeout(() => console.log('ready'), 20);
