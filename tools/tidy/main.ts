/** `node tools/tidy/main.ts`: checks the repository against its own rules; exit 1 with one line per violation. */
import { join } from 'node:path';
import { checkTree } from './checks.ts';
import { readTree } from './tree.ts';

const violations = checkTree(readTree(join(import.meta.dirname, '../..')));
for (const { rule, path, line, message } of violations) {
  console.error(`${path}${line > 0 ? `:${line}` : ''} [${rule}] ${message}`);
}
if (violations.length > 0) process.exitCode = 1;
else console.log('tidy: nothing to report');
