// Builds the dashboard when a source is newer than the build. Run by itself (`node tools/setup/build-web.mjs`) it fails
// when the build does; `npm start` only warns, since the server runs without it.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { exclusively } from './exclusive.mjs';

/** What the build is made from, within packages/web and within the repository. */
const OWN_SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package.json'];
const OTHER_SOURCES = ['packages/contract/src', 'packages/pricing/src', 'package-lock.json'];

/** True when packages/web/dist is newer than everything it is made from, or has been made so. */
export function buildWeb(root, node) {
  const web = path.join(root, 'packages/web');
  if (!existsSync(path.join(web, 'vite.config.ts'))) return true;
  return exclusively(root, async () => {
    const sources = [
      ...OWN_SOURCES.map((name) => path.join(web, name)),
      ...OTHER_SOURCES.map((name) => path.join(root, name)),
    ];
    if (modified(path.join(web, 'dist/index.html')) > Math.max(...sources.map(newestIn))) return true;
    console.error('Building the dashboard …');
    const vite = path.join(root, 'node_modules/vite/bin/vite.js');
    const child = spawn(node, [vite, 'build', '--logLevel', 'warn'], {
      cwd: web,
      stdio: ['ignore', 2, 2],
      // Started by tests, it would otherwise be the development build of React.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    return new Promise((resolve) => {
      child.on('error', () => resolve(false));
      child.on('exit', (code) => resolve(code === 0));
    });
  });
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestIn(entry) {
  const found = statSync(entry, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(entry).map((name) => newestIn(path.join(entry, name))));
}

if (import.meta.filename === process.argv[1]) {
  const root = path.resolve(import.meta.dirname, '../..');
  if (!(await buildWeb(root, process.execPath))) process.exitCode = 1;
}
