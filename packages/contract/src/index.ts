export * from './access.ts';
export * from './admin.ts';
export * from './app-error.ts';
export * from './error-codes.ts';
export * from './json-depth.ts';
export * from './prices.ts';
export * from './usage-event.ts';
export * from './usage-response.ts';
