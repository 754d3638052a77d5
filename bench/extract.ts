/**
 * Reading a stream of 100 chunks for its usage, as bytes in the chunks in which they come and as one buffer,
 * against parsing every event of it.
 *
 *     node bench/extract.ts
 */
import { createParser } from 'eventsource-parser';
import { openStream } from '../packages/pricing/src/extract.ts';
import { describeMachine } from './machine.ts';

const CHUNKS = 100;
const STREAMS = 200;
const ROUNDS = 40;
const text = new TextEncoder();

const openai = {
  id: 'chatcmpl-AbCdEf123456',
  object: 'chat.completion.chunk',
  created: 1_763_000_000,
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
};
const piece = (i: number) => ({ index: 0, delta: { content: ` word${i}` }, finish_reason: null });
const usage = { prompt_tokens: 100, completion_tokens: 98, total_tokens: 198 };
const gemini = (i: number) => ({
  candidates: [{ content: { parts: [{ text: ` word${i}` }], role: 'model' }, index: 0 }],
  usageMetadata: { promptTokenCount: 100, candidatesTokenCount: i, totalTokenCount: 100 + i },
  modelVersion: 'gemini-2.5-flash',
});

const KINDS: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'openai',
    'OpenAI chat',
    Array.from({ length: CHUNKS }, (_, i) =>
      JSON.stringify(
        i < CHUNKS - 1
          ? { ...openai, choices: [piece(i)], usage: null, obfuscation: 'aBcDeF' }
          : { ...openai, choices: [], usage },
      ),
    ),
  ],
  [
    'anthropic',
    'Anthropic messages',
    Array.from({ length: CHUNKS }, (_, i) => {
      if (i === 0) {
        const message = {
          id: 'msg_1',
          type: 'message',
          model: 'claude-sonnet-4-5',
          usage: { input_tokens: 9 },
        };
        return JSON.stringify({ type: 'message_start', message });
      }
      if (i < CHUNKS - 1) {
        return JSON.stringify({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'text_delta', text: ` word${i}` },
        });
      }
      return JSON.stringify({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { output_tokens: 98 },
      });
    }),
  ],
  ['google', 'Gemini', Array.from({ length: CHUNKS }, (_, i) => JSON.stringify(gemini(i)))],
];

console.log(describeMachine());
for (const [provider, name, events] of KINDS) {
  const chunks = events.map((event) => text.encode(`data: ${event}\n\n`));
  const whole = text.encode(events.map((event) => `data: ${event}\n\n`).join(''));
  const read = (parts: readonly Uint8Array[]) => () => {
    const stream = openStream({ provider });
    for (const part of parts) stream.push(part);
    if (stream.end('complete').source !== 'reported') throw new Error(`${name}: no usage was read`);
  };
  const byChunk = microseconds(read(chunks));
  const asWhole = microseconds(read([whole]));
  const parsed = microseconds(() => {
    const decoder = new TextDecoder();
    const parser = createParser({ onEvent: ({ data }) => void JSON.parse(data) });
    for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  });
  console.log(
    `${name}, ${CHUNKS} chunks, ${whole.length} bytes: ${byChunk.toFixed(0)} µs in chunks, ${asWhole.toFixed(0)} µs whole; ` +
      `parsing every event ${parsed.toFixed(0)} µs (${(parsed / byChunk).toFixed(1)} ×)`,
  );
}

/** Median of the rounds, in processor time: what else runs on the machine is not ours. */
function microseconds(work: () => void): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < STREAMS; i++) work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / STREAMS;
  }).sort((a, b) => a - b);
  return rounds[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}
