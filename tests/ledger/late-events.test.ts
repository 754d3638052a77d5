import { testLateEvents } from './late-events.ts';

testLateEvents(50);
