import { describe, expect, test } from 'vitest';
import { prepareLine } from './prepare-line.ts';

function prepared(text: string) {
  const line = prepareLine(text);
  if (!line.ok) throw new Error(line.message);
  return { ...line, value: JSON.parse(line.json) };
}

describe('recognising a line', () => {
  test.each([
    ['{"id":"1","provider":"openai","model":"m","usage":{"prompt_tokens":1}}', 'event'],
    ['{"id":"1","provider":"openai","model":"m","quantities":{"output_text":1}}', 'event'],
    ['{"id":"1","provider":"openai","response":{"object":"chat.completion"}}', 'event'],
    ['{"id":"1","provider":"openai","format":"json","body":{"usage":{}}}', 'response'],
    ['{"id":"1","provider":"openai","format":"sse","stream":"data: {}"}', 'response'],
    ['{"id":"1","provider":"bedrock","format":"eventstream","stream_base64":"AA=="}', 'response'],
    ['{"id":"chatcmpl-1","object":"chat.completion","model":"m","choices":[],"usage":{}}', 'response'],
  ])('%s is an %s', (text, kind) => {
    expect(prepared(text).kind).toBe(kind);
  });

  test('a bare provider body goes into an envelope under its own id', () => {
    const body = { id: 'msg_1', type: 'message', content: [], usage: { input_tokens: 1 } };
    expect(prepared(JSON.stringify(body)).value).toEqual({ id: 'msg_1', format: 'json', body });
  });

  test.each([
    ['{"id":1', 'invalid_json'],
    ['[1]', 'invalid_event'],
    ['"text"', 'invalid_event'],
    ['{"id":"1","spans":[]}', 'unrecognised_body'],
  ])('%s is refused as %s', (text, code) => {
    expect(prepareLine(text)).toMatchObject({ ok: false, code });
  });
});

describe('ids', () => {
  test('the line keeps its own', () => {
    expect(prepared('{"id":"mine","usage":{}}').id).toBe('mine');
  });

  test('without one, the same text has the same id and another text another', () => {
    const [a, b] = ['{"usage":{"n":1}}', '{"usage":{"n":2}}'];
    expect(prepared(a).id).toBe(prepared(a).id);
    expect(prepared(a).id).not.toBe(prepared(b).id);
    expect(prepared(a).value.id).toBe(prepared(a).id);
  });
});

test('numbers keep the digits they were written with', () => {
  const text = '{"id":"1","usage":{"cost":0.02500000000000000001,"n":12345678901234567890,"e":1e3}}';
  expect(prepared(text).json).toBe(text);
});
