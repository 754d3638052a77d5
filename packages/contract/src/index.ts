export * from './error-codes.ts';
export * from './usage-event.ts';
