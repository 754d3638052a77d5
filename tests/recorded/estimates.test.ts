import { describe, expect, it } from 'vitest';
import { estimatedAnswers, summarise } from './estimates.ts';
import { recordedFolder } from './suites.ts';

const present = recordedFolder() !== null;
if (!present) console.log('skipped: FARTHING_FIXTURES names no folder with recorded responses');

describe.skipIf(!present)('estimates of recorded answers', () => {
  it('stay as near to the reported output as they are, by family of models', async () => {
    const rows = summarise(await estimatedAnswers());
    const figures = rows.map((row) => [row.family, row.answers, row.median_off_percent, row.p90_off_percent]);
    for (const [family, answers, median, ninetieth] of [
      ['gpt', 104, 3, 15],
      ['claude', 75, 6, 14],
      ['command', 35, 6, 13],
      ['llama', 24, 5, 9],
      ['mistral', 14, 5, 10],
      ['gemini', 9, 1, 9],
    ] as const) {
      const row = rows.find((one) => one.family === family);
      expect(row?.answers, JSON.stringify(figures)).toBeGreaterThanOrEqual(answers);
      expect(row?.median_off_percent, family).toBeLessThanOrEqual(median);
      expect(row?.p90_off_percent, family).toBeLessThanOrEqual(ninetieth);
    }
  });
});
