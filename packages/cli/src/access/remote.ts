/** Options of every command of `farthing prices`. */
import type { Command } from 'commander';
import { command } from '../console/command.ts';

export interface Remote {
  readonly json?: boolean;
  readonly url?: string;
}

/** A command that asks a server: the one of this machine, or another. */
export const remote = (name: string, description: string): Command =>
  command(name, description).option('--url <url>', 'a server elsewhere; its key in FARTHING_API_KEY');
