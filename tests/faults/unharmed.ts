/** What must hold for a server with any bodies and answers. */
import { expect } from 'vitest';
import { loadEncoding } from '../../packages/server/src/tokens/tokenizer.ts';
import type { UnderAttack } from './under-attack.ts';

/** Processor time that loading a vocabulary takes here and now, ms: the longest turn that is meant to be, some 100 ms. */
async function vocabularyMs(): Promise<number> {
  const before = process.cpuUsage();
  await loadEncoding('o200k_base');
  return process.cpuUsage(before).user / 1_000;
}

/** A turn of the event loop may take so long, processor time of its thread; longer where this machine is slower now. */
export const LONGEST_TURN_MS = Math.max(200, 2 * (await vocabularyMs()));
/** With a body of 64 MB under way, an answer of as much, and the vocabulary for estimates loaded. */
const MOST_MEMORY = 1_000 * 1024 * 1024;

/** No body and no answer freezes the server, fills its memory, or costs another tenant an event. */
export async function expectUnharmed(server: UnderAttack): Promise<void> {
  const { longestBusyMs, peakResidentBytes } = await server.vitals();
  const { sent, accepted, others } = server.neighbour();
  expect(longestBusyMs).toBeLessThan(LONGEST_TURN_MS);
  expect(peakResidentBytes).toBeLessThan(MOST_MEMORY);
  expect(others).toEqual([]);
  expect(accepted).toBe(sent);
  expect(await server.stored()).toBeGreaterThanOrEqual(accepted);
}
