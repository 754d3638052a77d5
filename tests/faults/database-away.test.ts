import { testDatabaseAway } from './database-away.ts';

testDatabaseAway(1);
