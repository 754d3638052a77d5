/** Structured logs: JSON lines on stdout, secrets removed before they are written. */
import type { Logger } from 'pino';

export type Log = Logger;
