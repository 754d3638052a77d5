import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame } from './aws-frames.fixture.ts';
import { crc32, FrameReader } from './aws-frames.ts';

function read(pieces: readonly Uint8Array[]) {
  const messages: { readonly type: string | undefined; readonly text: string }[] = [];
  const reader = new FrameReader(({ headers, payload }) => {
    messages.push({ type: headers.get(':event-type'), text: new TextDecoder().decode(payload) });
  });
  for (const piece of pieces) reader.push(piece);
  return { messages, broken: reader.broken };
}

const one = frame({ ':event-type': 'metadata', ':message-type': 'event' }, '{"a":"ü🦆"}');
const two = frame({ ':event-type': 'messageStop' }, '{}');
const both = new Uint8Array([...one, ...two]);
const expected = {
  messages: [
    { type: 'metadata', text: '{"a":"ü🦆"}' },
    { type: 'messageStop', text: '{}' },
  ],
  broken: false,
};

describe('binary frames', () => {
  it('have the checksum of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('read the same in every split', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(both.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), both.length];
        expect(read(at.slice(1).map((end, index) => both.subarray(at[index], end)))).toEqual(expected);
      }),
    );
    expect(read(Array.from(both, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('end at the first byte that is not what was sent', () => {
    for (let at = 0; at < one.length; at++) {
      const damaged = both.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      const { messages, broken } = read([damaged]);
      // A length that grew may only be waiting for more.
      expect(broken || messages.length === 0, `byte ${at}`).toBe(true);
      expect(messages.length, `byte ${at}`).toBe(0);
    }
  });

  it('are not waited for beyond any sensible length', () => {
    expect(read([Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0)]).broken).toBe(true);
    expect(read([Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)]).broken).toBe(true);
  });
});
