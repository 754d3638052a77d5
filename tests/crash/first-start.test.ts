import { testFirstStart } from './first-start.ts';

testFirstStart([
  ['postgres/postmaster.pid', 'SIGTERM'],
  ['postgres/postmaster.pid', 'SIGKILL'],
  ['spool', 'SIGTERM'],
]);
