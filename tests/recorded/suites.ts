/**
 * Recorded responses of real services. They are not part of this repository: FARTHING_FIXTURES names the folder
 * with the NDJSON suites; without it what needs them is skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@farthing/pricing';
import { parseJson, type ResponseReading, readResponseLine } from '@farthing/pricing/extract';

export const SUITES = {
  A: 'A-genai-prices',
  B: 'B-vercel-ai',
  D: 'D-provider-cost',
  E: 'E-openllmetry',
  none: 'no-usage',
} as const;

export type SuiteName = keyof typeof SUITES;
export const SUITE_NAMES = Object.keys(SUITES) as readonly SuiteName[];

export interface RecordedLine extends JsonObject {
  readonly id: string;
  readonly provider: string;
  readonly surface: string;
}

/** The time of lines that do not say when they were recorded. */
const RECORDED = Date.UTC(2026, 7, 20);

/** The folder with the suites, or null where there is none. */
export function recordedFolder(): string | null {
  const folder = process.env['FARTHING_FIXTURES'];
  return folder !== undefined && existsSync(folder) ? folder : null;
}

/** The lines of a suite; none where the folder is missing. */
export function recordedLines(suite: SuiteName): readonly RecordedLine[] {
  const folder = recordedFolder();
  if (folder === null) return [];
  return readFileSync(join(folder, `${SUITES[suite]}.ndjson`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseJson(line) as RecordedLine);
}

/** What `farthing usage` and imports read of a line. */
export function readRecorded(line: RecordedLine): ResponseReading {
  return readResponseLine(line, RECORDED);
}
