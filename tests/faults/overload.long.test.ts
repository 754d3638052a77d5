import { testOverload } from './overload.ts';

testOverload(60_000);
