/** The three ways to a first call, with this server's own address filled in. */

export interface CallSnippet {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly note: string;
}

const KEY_NOTE =
  'FARTHING_API_KEY: the admin key that the first start printed, or one made with “npm run -s farthing -- keys create --name my-app”.';

export function firstCallSnippets(origin: string): readonly CallSnippet[] {
  return [
    {
      id: 'gateway',
      title: 'Change the base URL',
      text: `curl ${origin}/gateway/openai/v1/chat/completions \\
  -H "authorization: Bearer $OPENAI_API_KEY" \\
  -H "x-farthing-key: $FARTHING_API_KEY" \\
  -H "x-farthing-agent: my-first-agent" \\
  -H "content-type: application/json" \\
  -d '{"model":"gpt-5-mini","messages":[{"role":"user","content":"Say hello"}]}'`,
      note: `Any OpenAI or Anthropic client works: set its base URL to ${origin}/gateway/openai/v1 or ${origin}/gateway/anthropic. ${KEY_NOTE}`,
    },
    {
      id: 'wrapper',
      title: 'Wrap the client',
      text: `import OpenAI from 'openai';
import { Farthing } from '@farthing/sdk';

const farthing = new Farthing({ url: '${origin}', apiKey: process.env.FARTHING_API_KEY });
const openai = farthing.track(new OpenAI());

await openai.chat.completions.create({
  model: 'gpt-5-mini',
  messages: [{ role: 'user', content: 'Say hello' }],
});
await farthing.flush();`,
      note: `The call goes straight to the provider; only its usage is sent here. ${KEY_NOTE}`,
    },
    {
      id: 'http',
      title: 'Plain HTTP',
      text: `curl ${origin}/api/usage/events \\
  -H "authorization: Bearer $FARTHING_API_KEY" \\
  -H "content-type: application/json" \\
  -d '{"provider":"openai","model":"gpt-5-mini","agent":"my-first-agent",
       "usage":{"prompt_tokens":812,"completion_tokens":64,"total_tokens":876}}'`,
      note: `For any language: send the provider's own usage object after the call. ${KEY_NOTE}`,
    },
  ];
}
