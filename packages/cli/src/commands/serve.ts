/** `farthing serve`: the server in the foreground. */
import { loadConfig, loginUrl, type RunningServer, readEnv, startServer } from '@farthing/server';
import type { Command } from 'commander';
import { announceServer, withdrawServer } from '../access/server-file.ts';
import { command, run } from '../console/command.ts';
import { EXIT, paint } from '../console/output.ts';
import { stopOnSignal } from '../console/stop-on-signal.ts';
import { typed } from '../console/typed.ts';

export function serveCommand(): Command {
  return command('serve', 'start the server, with its own PostgreSQL where DATABASE_URL is unset').action(
    run(async (_options, output) => {
      const config = loadConfig(readEnv());
      const starting = startServer(config);
      const stopping = stopOnSignal(starting);
      const server = await starting;
      try {
        await announceServer(config.dataDir, { pid: process.pid, url: server.url }, output);
        const login = loginUrl(
          config.http.publicUrl ?? server.url,
          await server.context.sessions.createLink({ role: 'admin' }, 'start'),
        );
        output.result({ url: server.url, login_url: login, admin_key: server.newAdminKey }, () =>
          welcome(server, login),
        );
      } catch (error) {
        if (!stopping.asked) throw error;
      }
      await stopping.stopped;
      await withdrawServer(config.dataDir, process.pid);
      return EXIT.ok;
    }),
  );
}

function welcome({ url, newAdminKey }: RunningServer, login: string): string {
  const key = newAdminKey ?? '$FARTHING_API_KEY';
  const made =
    newAdminKey === null
      ? []
      : [
          `Admin key, shown this once: ${paint('bold', newAdminKey)}`,
          `Lost it? ${typed('keys create --admin')} makes another.`,
          '',
        ];
  return [
    `Farthing listens on ${paint('bold', url)}`,
    '',
    `Dashboard, a link that works once (${typed('login')} makes another):`,
    `  ${paint('bold', login)}`,
    '',
    ...made,
    'Record a call:',
    `  curl ${url}/api/usage/events -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\`,
    `    -d '{"provider":"openai","model":"gpt-4o-mini","usage":{"prompt_tokens":1200,"completion_tokens":80}}'`,
    'Ask what it cost:',
    `  curl ${url}/api/cost/dashboard -H 'Authorization: Bearer ${key}'`,
    '',
  ].join('\n');
}
