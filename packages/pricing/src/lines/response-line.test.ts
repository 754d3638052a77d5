import { describe, expect, it } from 'vitest';
import { ratingRequest, readResponseLine } from '../extract.ts';
import { mergeSegments } from '../usage/quantities.ts';
import type { Json } from '../usage/usage.ts';

const NOW = Date.UTC(2026, 0, 1);
const body = {
  id: 'resp_1',
  object: 'response',
  created_at: 1_763_000_000,
  model: 'gpt-5',
  output: [],
  usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
};
const read = (fields: { [key: string]: Json }) =>
  readResponseLine({ id: 'a', provider: 'openai', format: 'json', body, ...fields }, NOW);

describe('a line', () => {
  it('is priced at its own time, else at that of the response, else now', () => {
    expect(read({ at: '2025-06-01T00:00:00Z' }).at).toBe(Date.UTC(2025, 5, 1));
    expect(read({}).at).toBe(1_763_000_000_000);
    expect(read({ body: { ...body, created_at: 0 } }).at).toBe(NOW);
  });

  it('ignores fields it does not know', () => {
    expect(read({ suite: 'Z', expect: { x: 1 }, surface: 'other', headers: {} }).model).toBe('gpt-5');
  });

  it('that reads an earlier response again is not billed again', () => {
    const again = read({ method: 'GET', url: 'https://api.openai.com/v1/responses/resp_1' });
    expect(again.usage).toMatchObject({ source: 'none', segments: [] });
    expect(again.usage.anomalies.map((a) => a.code)).toEqual(['already_billed']);
    expect(again.billed).toBe(false);
  });

  it('of a failed call was not billed; a successful one without usage was', () => {
    expect(ratingRequest(read({ status: 500, body: { error: { message: 'no' } } })).billed).toBe(false);
    expect(ratingRequest(read({ body: { ...body, usage: null } })).billed).toBe(true);
  });

  it('takes the model asked for where the response names none, and the deployment of the URL at last', () => {
    const { model: _model, ...nameless } = body;
    expect(read({ body: nameless, request_model: 'gpt-5-mini' }).model).toBe('gpt-5-mini');
    const url = 'https://x.openai.azure.com/openai/deployments/my-gpt/responses?api-version=1';
    expect(read({ body: nameless, provider: 'azure', url }).model).toBe('my-gpt');
    expect(read({ body: nameless }).model).toBe('unknown');
  });

  it('holds a stream as text, in events or in lines', () => {
    const event = { type: 'response.completed', response: body };
    const used = (fields: { [key: string]: Json }) => mergeSegments(read(fields).usage.segments).output_text;
    expect(used({ format: 'sse', stream: `data: ${JSON.stringify(event)}\n\n` })).toBe(4);
    expect(used({ format: 'ndjson', stream: `${JSON.stringify(event)}\n` })).toBe(4);
  });

  it.each<[string, { [key: string]: Json }, string]>([
    ['an unknown format', { format: 'xml' }, 'invalid_event'],
    ['a stream that is no text', { format: 'sse', stream: 5 }, 'invalid_event'],
    ['a time that is none', { at: 'yesterday' }, 'invalid_event'],
    ['a status that is none', { status: 'ok' }, 'invalid_event'],
    ['an unknown provider', { provider: 'acme' }, 'unknown_provider'],
    ['a body of no known form', { body: { a: 1 } }, 'unrecognised_body'],
  ])('is refused for %s', (_name, fields, code) => {
    expect(() => read(fields)).toThrow(expect.objectContaining({ code }));
  });
});
