import { testOverload } from './overload.ts';

testOverload(6_000);
