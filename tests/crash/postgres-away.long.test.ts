import { testPostgresAway } from './postgres-away.ts';

testPostgresAway(30_000);
