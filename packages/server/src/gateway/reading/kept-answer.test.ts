import { expect, it } from 'vitest';
import { AnswerKeeper } from './kept-answer.ts';

it('keeps a short answer whole', () => {
  const keeper = new AnswerKeeper();
  const bytes = Buffer.from('naïve ✓');
  for (const byte of bytes) keeper.push(Buffer.from([byte]));
  expect(keeper.read()).toEqual({ text: 'naïve ✓', share: 1 });
});

it('keeps no more than 256 KiB of a long one and knows how long it was', () => {
  const keeper = new AnswerKeeper();
  for (let at = 0; at < 1_000; at += 1) keeper.push(Buffer.alloc(1_500, 'a'));
  const { text, share } = keeper.read();
  expect(text.length).toBe(256 * 1024);
  expect(share).toBe(1_500_000 / (256 * 1024));
});

it('does not hold on to a chunk of which it needs a piece', () => {
  const keeper = new AnswerKeeper();
  const large = Buffer.alloc(10_000_000, 'a');
  keeper.push(large);
  large.fill('b');
  expect(keeper.read().text).not.toContain('b');
});

it('of no answer keeps nothing', () => {
  expect(new AnswerKeeper().read()).toEqual({ text: '', share: 1 });
});
