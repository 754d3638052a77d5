// Installs what package-lock.json says, when it says something new.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exclusively } from './exclusive.mjs';
import { npm } from './npm.mjs';

/** Makes node_modules match package-lock.json; costs one file read when it does already. */
export async function ensureDependencies(root) {
  if (isStamped(root)) return;
  await exclusively(root, async () => {
    if (isStamped(root)) return; // who held the lock before us did it
    if (!matchesLock(root)) {
      console.error('Installing dependencies (about a minute the first time) …');
      await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'], {
        cwd: root,
        root,
        purpose: 'Installing the dependencies',
      });
    }
    writeFileSync(stampFile(root), fingerprint(root));
  });
}

const stampFile = (root) => path.join(root, 'node_modules', '.farthing-stamp');

function isStamped(root) {
  try {
    return readFileSync(stampFile(root), 'utf8') === fingerprint(root);
  } catch {
    return false;
  }
}

function fingerprint(root) {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  return createHash('sha256').update(`${process.platform} ${process.arch}\n`).update(lock).digest('hex');
}

/** True if npm install was run by hand: npm's own record of what it installed equals the lock. */
function matchesLock(root) {
  const record = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages ?? {};
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages ?? {};
  return Object.entries(wanted).every(([location, entry]) => {
    if (!location.includes('node_modules/') || entry.link === true) return true;
    const found = installed[location];
    // Optional packages of other platforms are in the lock, and not here.
    if (found === undefined) return entry.optional === true && !fitsPlatform(entry);
    return found.version === entry.version && existsSync(path.join(root, location, 'package.json'));
  });
}

function fitsPlatform(entry) {
  const fits = (list, value) => list === undefined || list.includes(value);
  return (
    entry.os !== undefined &&
    fits(entry.os, process.platform) &&
    fits(entry.cpu, process.arch) &&
    fits(entry.libc, libc())
  );
}

function libc() {
  if (process.platform !== 'linux') return undefined;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}
