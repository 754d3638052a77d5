import { testSimulation } from './simulation.ts';

testSimulation({ lives: 500, steps: 200 });
