import { describe, expect, test } from 'vitest';
import { bodyAskingForUsage, understandsAsking } from './ask-for-usage.ts';

const OPTION = { member: 'stream_options', option: 'include_usage' };

describe('asking for usage', () => {
  test('adds the option to a chat stream and changes nothing else', () => {
    const body = JSON.stringify({
      model: 'gpt-4o',
      stream: true,
      messages: [{ content: '"stream_options"' }],
    });
    const asking = bodyAskingForUsage(body, OPTION) ?? '';
    expect(JSON.parse(asking)).toEqual({ ...JSON.parse(body), stream_options: { include_usage: true } });
    expect(asking.endsWith(body.slice(1))).toBe(true);
  });

  test('leaves alone what is no stream, has options of its own or is no JSON text', () => {
    expect(bodyAskingForUsage('{"tools":[{"stream":true}],"stream":false}', OPTION)).toBeUndefined();
    expect(bodyAskingForUsage('{"tools":[{"stream":true}]}', OPTION)).toBeUndefined();
    expect(
      bodyAskingForUsage('{"stream":true,"stream_options":{"include_obfuscation":false}}', OPTION),
    ).toBeUndefined();
    expect(bodyAskingForUsage(new Uint8Array(3), OPTION)).toBeUndefined();
  });

  test('is done where it is understood: at OpenAI and on this machine', () => {
    expect(['api.openai.com', 'eu.api.openai.com', '127.0.0.1', 'localhost'].every(understandsAsking)).toBe(
      true,
    );
    expect(['openai.com.evil.test', 'api.groq.com', 'notopenai.com'].some(understandsAsking)).toBe(false);
  });
});
