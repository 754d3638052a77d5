import { testTwoServers } from './two-servers.ts';

testTwoServers(20_000);
