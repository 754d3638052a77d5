/** `farthing login`: a one-time link to the dashboard. */
import { createSessionStore, LOGIN_LINK_MINUTES, loadConfig, loginUrl, readEnv } from '@farthing/server';
import type { Command } from 'commander';
import { findServer } from '../access/server-file.ts';
import { withDatabase } from '../access/store-access.ts';
import { cliActor } from '../console/actor.ts';
import { command, run } from '../console/command.ts';
import { paint } from '../console/output.ts';

interface LoginOptions {
  readonly json?: boolean;
  readonly tenant?: string;
}

export function loginCommand(): Command {
  return command('login', 'print a link that signs a browser in to the dashboard, once')
    .option('--tenant <id>', 'show this tenant only (default: everything)')
    .action(
      run<LoginOptions>(async ({ tenant }, output) => {
        const config = loadConfig(readEnv());
        const server = await findServer(config.dataDir);
        const base = config.http.publicUrl ?? server?.url ?? `http://${config.http.host}:${config.http.port}`;
        const token = await withDatabase((database) =>
          createSessionStore(database).createLink(
            tenant === undefined ? { role: 'admin' } : { role: 'member', tenantId: tenant },
            cliActor(),
          ),
        );
        const url = loginUrl(base, token);
        if (server === null)
          output.note(`No server runs on ${config.dataDir}: start it before you open the link.`);
        output.result(
          { url, minutes: LOGIN_LINK_MINUTES },
          () => `${paint('bold', url)}\nIt works once, within ${LOGIN_LINK_MINUTES} minutes.`,
        );
        return undefined;
      }),
    );
}
