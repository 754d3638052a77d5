import { testTwoServers } from './two-servers.ts';

testTwoServers(200_000);
