/** `FARTHING_FIXTURES=… node tests/recorded/print-estimates.ts`: how far estimates are from what was reported. */
import { type EstimatedAnswer, estimatedAnswers, summarise } from './estimates.ts';
import { recordedFolder } from './suites.ts';

if (recordedFolder() === null) {
  console.log('FARTHING_FIXTURES names no folder with recorded responses');
} else {
  const answers = await estimatedAnswers();
  console.table(summarise(answers));
  const off = ({ reported, estimated }: EstimatedAnswer) => Math.abs(estimated / reported - 1);
  console.table(answers.filter((answer) => off(answer) > 0.5));
}
