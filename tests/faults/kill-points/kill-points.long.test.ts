import { testKillPoints } from './kill-points.ts';

testKillPoints(10);
