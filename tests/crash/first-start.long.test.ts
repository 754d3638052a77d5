import { MOMENTS, testFirstStart } from './first-start.ts';

testFirstStart(MOMENTS.flatMap((moment) => [[moment, 'SIGTERM'] as const, [moment, 'SIGKILL'] as const]));
