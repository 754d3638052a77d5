#!/usr/bin/env node
/** The `farthing` command. */
import { main } from './program.ts';

await main(process.argv.slice(2));
