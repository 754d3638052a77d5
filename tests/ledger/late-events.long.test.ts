import { testLateEvents } from './late-events.ts';

testLateEvents(5_000);
