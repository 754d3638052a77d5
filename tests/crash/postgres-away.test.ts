import { testPostgresAway } from './postgres-away.ts';

testPostgresAway(4_000);
