export * from './meters.ts';
export * from './price-book.ts';
export * from './rate.ts';
export * from './usage.ts';
