/** `@portkey-ai/gateway` from npm, installed on demand outside the project's own dependencies. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Portkey {
  readonly version: string;
  /** The file to run, with `--port=<n>`. */
  readonly entry: string;
}

/** Installs it where it is missing; null where that cannot be done. */
export function installPortkey(cache: string): Portkey | null {
  const root = join(cache, 'portkey');
  const home = join(root, 'node_modules/@portkey-ai/gateway');
  try {
    if (!existsSync(home)) {
      mkdirSync(root, { recursive: true });
      const npm = [
        'i',
        '--prefix',
        root,
        '@portkey-ai/gateway',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
      ];
      execFileSync('npm', npm, { stdio: ['ignore', 'ignore', 'inherit'] });
    }
    const { version, bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    return { version, entry: join(home, typeof bin === 'string' ? bin : String(Object.values(bin)[0])) };
  } catch (error) {
    console.log(`@portkey-ai/gateway is left out: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}
