/**
 * How hard a password is to guess: a part that guessing programs try first counts as one character, however long it is.
 */

/** Words that are in every list of leaked passwords, longest first; leet spellings are undone before matching. */
const COMMON_WORDS = [
  ...['password', 'passwort', 'passw', 'motdepasse', 'contrasena', 'senha', 'parola', 'changeme', 'letmein'],
  ...['welcome', 'willkommen', 'iloveyou', 'trustno', 'whatever', 'sunshine', 'princess', 'football'],
  ...['baseball', 'basketball', 'superman', 'batman', 'spiderman', 'starwars', 'pokemon', 'dragon', 'monkey'],
  ...[
    'shadow',
    'master',
    'killer',
    'freedom',
    'jordan',
    'michael',
    'jennifer',
    'charlie',
    'ashley',
    'summer',
  ],
  ...[
    'winter',
    'spring',
    'autumn',
    'january',
    'february',
    'monday',
    'friday',
    'computer',
    'internet',
    'google',
  ],
  ...[
    'administrator',
    'admin',
    'root',
    'user',
    'login',
    'guest',
    'test',
    'default',
    'secret',
    'access',
    'server',
  ],
  ...[
    'database',
    'postgres',
    'farthing',
    'openai',
    'anthropic',
    'hello',
    'abc',
    'qwerty',
    'qwertz',
    'azerty',
  ],
  ...[
    'secure',
    'security',
    'company',
    'office',
    'hunter',
    'flower',
    'cookie',
    'cheese',
    'love',
    'god',
    'money',
  ],
];

/** Keys that lie side by side. */
const KEYBOARD = [
  ...['1234567890', 'qwertyuiop', 'qwertzuiop', 'azertyuiop', 'asdfghjkl', 'zxcvbnm', 'yxcvbnm', 'wxcvbn'],
  ...['1qaz2wsx3edc4rfv5tgb6yhn7ujm', '1q2w3e4r5t6y7u8i9o0p', 'abcdefghijklmnopqrstuvwxyz', '01234567890'],
].flatMap((row) => [row, [...row].reverse().join('')]);

const LEET: { readonly [sign: string]: string } = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Shortest run of neighbours, and shortest repetition, that counts as one. */
const SHORTEST_RUN = 3;
/** Longest stretch that is compared with what came before it. */
const LONGEST_REPETITION = 64;

/**
 * In how many steps a password is guessed: a common word, a word of the person's own, a run on the keyboard or of the
 * alphabet, a year and a repetition of what came before are one step each, any other character is one too.
 *
 * @example stepsToGuess('password1234', []) // 2
 * @example stepsToGuess('a quarter of a penny', []) // 20
 */
export function stepsToGuess(password: string, ownWords: readonly string[]): number {
  const plain = [...password.toLowerCase().normalize('NFKC')];
  const unleeted = plain.map((sign) => LEET[sign] ?? sign);
  const words = [...COMMON_WORDS, ...ownWords.map((word) => word.toLowerCase())].filter(
    (word) => word.length >= SHORTEST_RUN,
  );
  let steps = 0;
  for (let at = 0; at < plain.length; steps++) {
    at += Math.max(
      1,
      wordAt(plain.slice(at).join(''), words),
      wordAt(unleeted.slice(at).join(''), words),
      yearAt(plain.slice(at, at + 4).join('')),
      runAt(plain, at),
      repetitionAt(plain, at),
    );
  }
  return steps;
}

const wordAt = (text: string, words: readonly string[]): number =>
  Math.max(0, ...words.filter((word) => text.startsWith(word)).map((word) => [...word].length));

const yearAt = (text: string): number => (/^(19|20)\d\d$/.test(text) ? 4 : 0);

/** The longest beginning that lies side by side somewhere. */
function runAt(signs: readonly string[], at: number): number {
  let longest = 0;
  for (const row of KEYBOARD) {
    let length = 0;
    const start = row.indexOf(signs[at] ?? '');
    if (start < 0) continue;
    while (signs[at + length] !== undefined && row[start + length] === signs[at + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest >= SHORTEST_RUN ? longest : 0;
}

/** The longest prefix that occurred before, so that repetitions count for nothing. */
function repetitionAt(signs: readonly string[], at: number): number {
  let longest = 0;
  for (let from = 0; from < at; from++) {
    let length = 0;
    while (
      length < LONGEST_REPETITION &&
      signs[at + length] !== undefined &&
      signs[from + length] === signs[at + length]
    )
      length += 1;
    longest = Math.max(longest, length);
  }
  return longest >= 2 ? longest : 0;
}
