import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frame, readFrames } from './frames.ts';

const payload = (text: string) => Buffer.from(text);
const texts = (segment: Buffer) => readFrames(segment).payloads.map((one) => one.toString());

test('frames come back in order, whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (contents) => {
      const { payloads, damaged } = readFrames(Buffer.concat(contents.map((one) => frame(Buffer.from(one)))));
      expect(payloads.map((one) => [...one])).toEqual(contents.map((one) => [...one]));
      expect(damaged).toEqual([]);
    }),
  );
});

test('a tail torn at any byte of the last frame costs that frame only and is kept as damaged', () => {
  const whole = Buffer.concat([frame(payload('first')), frame(payload('second'))]);
  const last = frame(payload('the last one'));
  for (let cut = 1; cut < last.length; cut += 1) {
    const { payloads, damaged } = readFrames(Buffer.concat([whole, last.subarray(0, cut)]));
    expect(payloads.map(String)).toEqual(['first', 'second']);
    expect(damaged).toEqual([{ offset: whole.length, bytes: last.subarray(0, cut) }]);
  }
});

test('any flipped bit costs the frame it is in and no other', () => {
  const frames = ['first', 'second', 'third'].map((text) => frame(payload(text)));
  const start = frames[0]?.length ?? 0;
  const end = start + (frames[1]?.length ?? 0);
  for (let at = start; at < end; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const segment = Buffer.concat(frames);
      segment[at] = (segment[at] ?? 0) ^ (1 << bit);
      expect(texts(segment)).toEqual(['first', 'third']);
      expect(readFrames(segment).damaged).toHaveLength(1);
    }
  }
});

test('frames written after a torn one are found again', () => {
  const torn = frame(payload('torn')).subarray(0, 9);
  expect(texts(Buffer.concat([frame(payload('a')), torn, frame(payload('b'))]))).toEqual(['a', 'b']);
});
