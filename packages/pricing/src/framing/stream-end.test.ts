import { describe, expect, it } from 'vitest';
import { MESSAGES } from '../forms/anthropic/surfaces.ts';
import { ERROR_MARKS } from '../forms/description/defaults.ts';
import { OPENAI_ENDS } from '../forms/openai/surfaces.ts';
import { StreamEndFinder, type StreamPosition } from './stream-end.ts';

/** The marks of both. */
const FORM = {
  ends: {
    data: OPENAI_ENDS.data,
    events: [...OPENAI_ENDS.events, ...(MESSAGES.stream?.ends?.events ?? [])],
    members: [],
  },
  errors: ERROR_MARKS,
};

const positions = (chunks: readonly string[]): StreamPosition[] => {
  const finder = new StreamEndFinder(FORM);
  return chunks.map((chunk) => finder.push(Buffer.from(chunk)));
};

const LAST_EVENTS = [
  'data: [DONE]\n\n',
  'data:[DONE]\r\n\r\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  'event: response.completed\ndata: {"type":"response.completed","response":{"usage":{"input_tokens":1}}}\n\n',
  'event: response.incomplete\r\ndata: {}\r\n\r\n',
  'event: response.failed\ndata: {}\n\n',
];

describe('the end of a stream', () => {
  it.each(LAST_EVENTS)('is found wherever the network tears %j, and not before its blank line', (last) => {
    const before = 'data: {"choices":[{"delta":{"content":"[DONE] \\ndata: [DONE]"}}]}\n\n';
    for (let cut = 1; cut < last.length; cut += 1) {
      const [first, second] = positions([before + last.slice(0, cut), last.slice(cut)]);
      const blank = /\n\r?\n$/.test(last.slice(0, cut));
      expect([cut, first === 'ended']).toEqual([cut, blank]);
      expect([cut, second]).toEqual([cut, 'ended']);
    }
    expect(positions([...(before + last)]).at(-1)).toBe('ended');
    expect(positions([...(before + last)]).at(-2)).not.toBe('ended');
  });

  it('holds everything from the first byte of a last event that is whole enough to be known', () => {
    expect(positions(['event: response.completed\n', 'data: {"a":', '1}\n', '\n'])).toEqual([
      'ending',
      'ending',
      'ending',
      'ended',
    ]);
  });

  it('is not seen in generated text or in events of similar names', () => {
    expect(
      positions([
        'data: {"content":"event: message_stop"}\n\n',
        'event: response.completed_part\ndata: {}\n\n',
        'data: {"content":"data: [DONE]\\n\\n"}\n\n',
      ]),
    ).toEqual(['running', 'running', 'running']);
  });

  it('is found when the stream begins with it', () => {
    expect(positions(['data: [DONE]\n\n'])).toEqual(['ended']);
  });

  it.each(['event: error\ndata: {}\n\n', 'data: {"error":{"message":"x"}}\n\n', 'data: {"error": {}}\n\n'])(
    'notices an error inside the stream: %j',
    (event) => {
      const finder = new StreamEndFinder(FORM);
      finder.push(Buffer.from('data: {"choices":[]}\n\n'));
      expect(finder.failed).toBe(false);
      for (const byte of Buffer.from(event)) finder.push(Buffer.from([byte]));
      expect(finder.failed).toBe(true);
    },
  );

  it('is never found where the form has none', () => {
    const finder = new StreamEndFinder({ ends: null, errors: null });
    expect(LAST_EVENTS.map((event) => finder.push(Buffer.from(event)))).toEqual(
      LAST_EVENTS.map(() => 'running'),
    );
  });

  it('takes time in proportion to what comes, in however small pieces', () => {
    const costOf = (pieces: number) => {
      const finder = new StreamEndFinder(FORM);
      const begun = process.cpuUsage();
      for (let sent = 0; sent < pieces; sent += 1) finder.push(Buffer.from('x'));
      const { user, system } = process.cpuUsage(begun);
      return user + system;
    };
    costOf(60_000);
    const ratios = [1, 2, 3].map(() => costOf(60_000) / Math.max(1, costOf(15_000)));
    expect(Math.min(...ratios)).toBeLessThan(10);
  });
});
