/** How long the crash tests run: `npm test` is short, `npm run test:long` is full. */
export const LONG = process.env['MODE'] === 'long';

/** The number for the short and the long run. */
export const byLength = (short: number, long: number): number => (LONG ? long : short);
