// The front door of the repository: every npm script comes through here. Makes the ground ready (dependencies, a Node
// that is new enough), then runs the command. Plain JavaScript without dependencies, since it runs before them, on
// any Node from 20 on. Writes nothing to standard output itself: that belongs to the command.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildWeb } from './setup/build-web.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureNode } from './setup/node-runtime.mjs';
import { writeSbom } from './setup/sbom.mjs';
import { SetupError } from './setup/setup-error.mjs';

const root = path.dirname(import.meta.dirname);
const at = (...parts) => path.join(root, ...parts);
const CLI = at('packages/cli/src/main.ts');
const BIN = {
  vitest: at('node_modules/vitest/vitest.mjs'),
  biome: at('node_modules/@biomejs/biome/bin/biome'),
  tsc: at('node_modules/typescript/bin/tsc'),
  vite: at('node_modules/vite/bin/vite.js'),
};

/** How long a stopped npm goes unnoticed at most. */
const PARENT_CHECK_MS = 200;

const [command = '', ...args] = process.argv.slice(2);

const COMMANDS = {
  async start(node) {
    await readyDashboard(node);
    return run(node, [CLI, 'serve', ...args]);
  },
  async demo(node) {
    await readyDashboard(node);
    return run(node, [CLI, 'demo', ...args]);
  },
  dev: (node) =>
    runTogether([
      [node, ['--watch', '--watch-preserve-output', CLI, 'serve', ...args]],
      ...(existsSync(at('packages/web/vite.config.ts')) ? [[node, [BIN.vite], at('packages/web')]] : []),
    ]),
  migrate: (node) => run(node, [CLI, 'migrate', ...args]),
  farthing: (node) => run(node, [CLI, ...args]),
  test: (node) => run(node, [BIN.vitest, 'run', ...args]),
  'test:long': (node) => run(node, [BIN.vitest, 'run', '--mode', 'long', ...args]),
  async check(node) {
    const steps = [
      [BIN.biome, 'check', ...args],
      [BIN.tsc, '--noEmit', '-p', at('tsconfig.json')],
      [BIN.tsc, '--noEmit', '-p', at('packages/web')],
      [BIN.tsc, '--noEmit', '-p', at('tests/browser')],
      [at('tools/tidy/main.ts')],
    ];
    let worst = 0;
    for (const step of steps) worst = Math.max(worst, await run(node, step));
    return worst;
  },
  fix: (node) => run(node, [BIN.biome, 'check', '--write', ...args]),
  bench: (node) => run(node, [at('bench/run.ts'), ...args]),
  soak: (node) => run(node, [at('tests/faults/soak.ts'), ...args]),
  openapi: (node) => run(node, [at('tools/openapi.ts'), ...args]),
  sbom: () => writeSbom(root, args[0]),
  prices: (node) => run(node, [at('tools/prices/compile.ts'), ...args]),
  async screenshots(node) {
    await readyDashboard(node);
    return run(node, [at('tools/screenshots.ts'), ...args]);
  },
};

/** Makes the dashboard ready. The server runs without it, so failure only warns. */
async function readyDashboard(node) {
  if (!(await buildWeb(root, node)))
    console.error('The dashboard could not be built; the server starts without it.');
}

/**
 * Runs a program to its end with our standard streams and returns its exit code. SIGTERM and SIGHUP are passed on. So
 * is SIGINT, except from a terminal, which sends Ctrl-C to the child as well: twice would mean "at once" to a server
 * that is draining. npm gives SIGTERM to its shell only, which dies of it: a parent that has gone means SIGTERM too.
 */
function run(program, programArgs) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArgs, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PATH: `${path.dirname(program)}${path.delimiter}${process.env.PATH ?? ''}` },
    });
    const passOn = (signal) => {
      const fromTerminal = signal === 'SIGINT' && (process.stdin.isTTY || process.stderr.isTTY);
      if (!fromTerminal) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    const parentWatch = watchNpm(() => child.kill('SIGTERM'));
    const done = () => {
      clearInterval(parentWatch);
      for (const signal of signals) process.off(signal, passOn);
    };
    child.on('error', (error) => {
      done();
      reject(new SetupError(`${program} could not be run: ${error.message}`));
    });
    child.on('exit', (code, signal) => {
      done();
      if (signal !== null) process.kill(process.pid, signal);
      resolve(code ?? 1);
    });
  });
}

/** Calls once when the npm that started us has gone. Without npm the parent is free to go. */
function watchNpm(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_MS);
  return timer.unref();
}

/** Runs several long-lived programs; the first to end ends the others. */
async function runTogether(programs) {
  const children = programs.map(([program, programArgs, cwd = root]) =>
    spawn(program, programArgs, { cwd, stdio: 'inherit' }),
  );
  const stop = (signal) => {
    for (const child of children)
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  watchNpm(() => stop('SIGTERM'));
  const ended = children.map(
    (child) =>
      new Promise((resolve) => {
        child.on('exit', (code) => resolve(code ?? 0));
        child.on('error', () => resolve(1));
      }),
  );
  const code = await Promise.race(ended);
  stop('SIGTERM');
  await Promise.all(ended);
  return code;
}

try {
  if (!Object.hasOwn(COMMANDS, command)) {
    throw new SetupError(`Unknown command "${command}". There are: ${Object.keys(COMMANDS).join(', ')}.`);
  }
  const node = await ensureNode(root);
  await ensureDependencies(root);
  process.exitCode = await COMMANDS[command](node);
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
