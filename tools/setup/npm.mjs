// Runs npm quietly, with standard output kept free, and explains why it failed.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError } from './setup-error.mjs';

const NETWORK = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i;

/** Runs npm with `args` in `cwd` and answers what it printed; rejects with a SetupError that says what to do. */
export async function npm(args, { cwd, root, purpose }) {
  const script = process.env.npm_execpath;
  const viaNode = script !== undefined && /npm-cli\.[cm]?js$/.test(script) && existsSync(script);
  const [program, first] = viaNode ? [process.execPath, [script]] : ['npm', []];
  const { code, printed, output } = await collect(program, [...first, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...writableCache(root) },
    shell: !viaNode && process.platform === 'win32',
  });
  if (code === 0) return printed;
  const advice = NETWORK.test(output)
    ? 'The npm registry could not be reached. Check the network, a proxy (npm config set proxy …) or the registry (npm config get registry), then run the command again.'
    : 'Run the command again; if it stays so, delete node_modules and .cache and try once more.';
  throw new SetupError(`${purpose} failed (npm ${args[0]}, exit ${code}).\n${output.trim()}\n${advice}`);
}

function collect(program, args, options) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let printed = '';
    const add = (chunk) => {
      output = (output + chunk).slice(-8_000);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      printed += chunk;
      add(chunk);
    });
    child.stderr.on('data', add);
    child.on('error', (error) => resolve({ code: 'none', printed, output: `${output}\n${error.message}` }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, printed, output }));
  });
}

/** Variables that the outer npm sets describe the outer command and would change the inner one. */
function cleanEnvironment() {
  const dropped =
    /^npm_(config_(workspace|workspaces|prefix|local_prefix|omit|production|include)$|lifecycle|package|command)/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !dropped.test(name) && name !== 'NODE_ENV'),
  );
}

/** npm needs a cache; where its usual one cannot be written (a read-only home), it lies below .cache. */
function writableCache(root) {
  const usual = process.env.npm_config_cache ?? path.join(os.homedir(), '.npm');
  try {
    accessSync(existsSync(usual) ? usual : path.dirname(usual), constants.W_OK);
    return {};
  } catch {
    return { npm_config_cache: path.join(root, '.cache', 'npm') };
  }
}
