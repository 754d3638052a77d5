import { testSimulation } from './simulation.ts';

testSimulation({ lives: 48, steps: 40 });
