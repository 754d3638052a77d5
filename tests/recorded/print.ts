/** `FARTHING_FIXTURES=… node tests/recorded/print.ts`: coverage and agreement, and suite D bill by bill. */
import { compareBill } from './bills.ts';
import { recordedFolder, recordedLines } from './suites.ts';
import { suiteTotals, survey } from './survey.ts';

if (recordedFolder() === null) {
  console.log('FARTHING_FIXTURES names no folder with recorded responses');
} else {
  const rows = survey();
  console.table(rows.map(({ failures, ...row }) => ({ ...row, unexplained: failures.length })));
  console.table(suiteTotals(rows));
  console.table(recordedLines('D').map(compareBill));
}
