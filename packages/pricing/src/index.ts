export * from './meters.ts';
export * from './money.ts';
export * from './price-book.ts';
export * from './quantities.ts';
export * from './rate.ts';
export * from './usage.ts';
