/** Runs in each test process: says which file it works on, so that a run can name a file that hangs. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, inject } from 'vitest';

const { testPath } = expect.getState();
if (testPath !== undefined) writeFileSync(path.join(inject('testProcesses'), String(process.pid)), testPath);
