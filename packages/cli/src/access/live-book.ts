/** Pricing with the book that is in force on a server, overrides of a tenant included, instead of the installed one. */
import type { Command } from 'commander';

export interface ServerOptions {
  /** A URL; true = the server of FARTHING_URL, else the one of this machine. */
  readonly server?: string | true;
  readonly key?: string;
  readonly tenant?: string;
}

/** Adds the options that say whose prices are meant. */
export function withServerOptions(made: Command): Command {
  return made
    .option(
      '--server [url]',
      'by the prices in force on a server: this one, FARTHING_URL, or that of this machine',
    )
    .option(
      '--key <key>',
      'its key; better in FARTHING_API_KEY, where other users of the machine cannot see it',
    )
    .option('--tenant <id>', 'with --server: by the prices of this tenant');
}

/** Where to ask; null = nowhere, the installed book is meant. */
export function serverOf(options: ServerOptions): { readonly url?: string; readonly key?: string } | null {
  const { server, key } = options;
  if (server === undefined) return null;
  return {
    ...(server === true ? {} : { url: server }),
    ...(key === undefined ? {} : { key }),
  };
}
