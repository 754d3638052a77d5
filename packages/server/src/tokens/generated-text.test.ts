import { describe, expect, it } from 'vitest';
import { generatedText } from './generated-text.ts';
import { promptOf } from './prompt.ts';

const sse = (...events: unknown[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const chat = (delta: unknown) => ({ object: 'chat.completion.chunk', choices: [{ index: 0, delta }] });

describe('what a model wrote', () => {
  it.each<[string, string, string, number]>([
    [
      'a chat stream',
      sse(chat({ role: 'assistant', content: 'one' }), chat({ content: ' two' })),
      'one two',
      0,
    ],
    [
      'a tool call in a chat stream',
      sse(
        chat({ tool_calls: [{ index: 0, id: 'c', function: { name: 'add', arguments: '' } }] }),
        chat({ tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] }),
      ),
      'add{"a":1}',
      1,
    ],
    [
      'reasoning that is told twice',
      sse(chat({ reasoning: 'hm', reasoning_content: 'hm', reasoning_details: [{ text: 'hm' }] })),
      'hm',
      0,
    ],
    ['a completion', sse({ object: 'text_completion', choices: [{ text: 'abc' }] }), 'abc', 0],
    [
      'a Responses stream, its repeating events and its summaries left out',
      sse(
        { type: 'response.created', response: { instructions: 'be brief', output: [] } },
        { type: 'response.reasoning_summary_text.delta', delta: 'I think' },
        { type: 'response.output_item.added', item: { type: 'function_call', name: 'add', arguments: '' } },
        { type: 'response.function_call_arguments.delta', delta: '{"a":1}' },
        { type: 'response.function_call_arguments.done', arguments: '{"a":1}' },
        { type: 'response.output_text.delta', delta: 'Two' },
        { type: 'response.output_text.done', text: 'Two' },
      ),
      'add{"a":1}Two',
      1,
    ],
    [
      'an Anthropic stream with thinking and a tool; no signature, no result of a search',
      sse(
        { type: 'message_start', message: { model: 'claude', content: [], usage: { input_tokens: 4 } } },
        { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'hm ' } },
        { type: 'content_block_delta', delta: { type: 'signature_delta', signature: 'AAAA' } },
        {
          type: 'content_block_start',
          content_block: { type: 'web_search_tool_result', content: [{ text: 'x' }] },
        },
        { type: 'content_block_start', content_block: { type: 'tool_use', name: 'add', input: {} } },
        { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{"a":' } },
        { type: 'content_block_delta', delta: { type: 'text_delta', text: 'done' } },
      ),
      'hm add{"a":done',
      1,
    ],
    [
      'a Gemini stream',
      sse({
        candidates: [
          { content: { parts: [{ text: 'a' }, { functionCall: { name: 'f', args: { b: 1 } } }] } },
        ],
      }),
      'af{"b":1}',
      1,
    ],
    ['lines of JSON', '{"message":{"content":"a"}}\n{"message":{"content":"b"}}\n', 'ab', 0],
    [
      'a whole body',
      JSON.stringify({ choices: [{ message: { content: 'whole' } }], usage: null }),
      'whole',
      0,
    ],
    ['a stream cut within an event', `${sse(chat({ content: 'one' }))}data: {"choices":[{"del`, 'one', 0],
    [
      'a body cut within its text',
      '{"id":"c1","choices":[{"message":{"content":"a \\"farthing\\" \\u00e',
      'a "farthing" ',
      0,
    ],
    ['no answer of a model', '<html>sorry</html>', '', 0],
    ['nothing', '', '', 0],
  ])('is read from %s', (_name, answer, text, calls) => {
    expect(generatedText(answer)).toEqual({ text, calls });
  });

  it('is looked for within a bound of depth', () => {
    const deep = `{"choices":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(generatedText(deep).text).toBe('');
  });
});

describe('what a model had to read', () => {
  it.each<[string, Parameters<typeof promptOf>[0], object]>([
    [
      'messages with an image',
      {
        messages: [
          { role: 'system', content: 'be brief' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'look' },
              { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(9_000)}` } },
            ],
          },
        ],
      },
      { text: 'be brief\nlook', tokens: 11, attachments: 1, continues: false },
    ],
    [
      'Anthropic blocks and tools',
      {
        system: [{ type: 'text', text: 'sys', cache_control: { type: 'ephemeral' } }],
        messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'found' }] }],
        tools: [{ name: 'add', input_schema: { type: 'object' } }],
      },
      { text: 'sys\nfound\nname\nadd\ninput_schema\ntype\nobject', tokens: 7 },
    ],
    ['texts to embed', { input: ['a', 'b'] }, { text: 'a\nb', tokens: 0 }],
    ['tokens to embed', { input: [[1, 2, 3], [4]] }, { text: '', tokens: 4 }],
    [
      'a conversation that goes on',
      { input: 'and?', previous_response_id: 'r1' },
      { text: 'and?', continues: true },
    ],
    ['nothing', {}, { text: '', tokens: 0, attachments: 0, continues: false }],
  ])('is read from %s', (_name, request, prompt) => {
    expect(promptOf(request)).toMatchObject(prompt);
  });
});
