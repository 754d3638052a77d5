import { scryptSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepsToGuess } from './guessable.ts';
import { COST, checkNewPassword, checkPassword, hashPassword } from './password.ts';

const PASSWORD = 'quarter of an old penny';

/** As an earlier, cheaper cost left it. */
function cheap(password: string): string {
  const salt = Buffer.alloc(16, 7);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 12, r: 8, p: 1 });
  return `$scrypt$ln=12,r=8,p=1$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

describe('passwords', () => {
  it('are kept with cost and salt, never the same twice, and known again', async () => {
    const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
    expect(await checkPassword(PASSWORD, one)).toEqual({ ok: true, outdated: false });
    expect(await checkPassword(`${PASSWORD} `, one)).toEqual({ ok: false, outdated: false });
    expect(await checkPassword(PASSWORD, null)).toEqual({ ok: false, outdated: false });
  });

  it('are the same however their letters were typed', async () => {
    const stored = await hashPassword('Zwölf Buchstaben'.normalize('NFD'));
    expect((await checkPassword('Zwölf Buchstaben'.normalize('NFC'), stored)).ok).toBe(true);
  });

  it('hashed at a lower cost are good, and known to be outdated', async () => {
    const stored = cheap(PASSWORD);
    expect(await checkPassword(PASSWORD, stored)).toEqual({ ok: true, outdated: true });
    expect(await checkPassword('something else entirely', stored)).toEqual({ ok: false, outdated: false });
    expect(2 ** COST.ln * COST.r * 128).toBe(32 * 1024 * 1024);
  });

  it('that come all at once wait for their turn, and past a bound are refused', async () => {
    const stored = cheap(PASSWORD);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 70 }, () => checkPassword(PASSWORD, stored)),
    );
    const refused = outcomes.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(4);
    expect(refused[0]?.reason).toMatchObject({ code: 'overloaded' });
    expect((await checkPassword(PASSWORD, stored)).ok).toBe(true);
  });

  it.each([
    ['too short', 'elf Zeichen'],
    ['too long', 'x'.repeat(257)],
    ['the address itself', 'Somebody@example.com'],
    ['a run of digits', '123456789012'],
    ['a run of digits backwards', '0987654321098'],
    ['twelve blanks', '            '],
    ['one letter', 'aaaaaaaaaaaaaaaa'],
    ['a repetition', 'xy7xy7xy7xy7xy7xy7'],
    ['the best-known word', 'passwordpassword'],
    ['the best-known word in disguise', 'P4ssw0rd!2024'],
    ['a word with a year and a sign', 'Welcome2026!!'],
    ['the keyboard', 'qwertyuiop[]'],
    ['the keyboard up and down', '1qaz2wsx3edc'],
    ['made of the address', 'somebody.example1'],
    ['administrator and a number', 'administrator1'],
  ])('are refused when %s', (_why, password) => {
    expect(() => checkNewPassword(password, 'somebody@example.com')).toThrow(
      expect.objectContaining({ code: 'invalid_body' }),
    );
  });

  it('of twelve characters are long enough, counted as people count', () => {
    expect(() => checkNewPassword('🦆🐢🦊🐝🐙🦉🐳🦀🐌🦂🐿🦔', 'a@b.cc')).not.toThrow();
  });

  it.each([
    'a quarter of a penny',
    'correct horse battery',
    'zwölf Boxkämpfer',
    'k8#vQz!m2Lp0',
    'Tr0ub4dor & three',
  ])('that take long to guess are taken: %s', (password) => {
    expect(() => checkNewPassword(password, 'somebody@example.com')).not.toThrow();
  });

  it('of any kind are judged at once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 256 }), (password) => {
        const steps = stepsToGuess(password, ['somebody']);
        expect(steps).toBeLessThanOrEqual([...password.normalize('NFKC').toLowerCase()].length);
        // Repetition adds almost nothing.
        expect(stepsToGuess(password + password, ['somebody'])).toBeLessThanOrEqual(steps + 8);
      }),
      { numRuns: 200 },
    );
  });
});
