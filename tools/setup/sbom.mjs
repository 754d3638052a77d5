// Writes what Farthing consists of in production, as CycloneDX 1.5: npm's own list, from package-lock.json alone.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm } from './npm.mjs';
import { SetupError } from './setup-error.mjs';

const LIST = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];

/** `npm run sbom -- FILE`; needs npm 10, which comes with Node 22. Replaces the file. */
export async function writeSbom(root, file) {
  if (file === undefined)
    throw new SetupError('Say where to write: npm run sbom -- farthing.cdx.json (npm 10 or newer).');
  const printed = await npm(LIST, { cwd: root, root, purpose: 'Listing the packages' });
  const sbom = onlyProduction(JSON.parse(printed), root);
  writeFileSync(path.resolve(file), `${JSON.stringify(sbom, null, 2)}\n`);
  console.error(`${sbom.components.length} components written to ${file}.`);
}

/** npm's own `--omit=dev` leaves out what is needed in production and for development. The lock knows better. */
function onlyProduction(sbom, root) {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const development = new Set();
  const production = new Set();
  for (const [location, entry] of Object.entries(lock.packages)) {
    const name = entry.name ?? location.split('node_modules/').at(-1);
    (entry.dev === true ? development : production).add(`${name}@${entry.version}`);
  }
  const stays = (ref) => production.has(ref) || !development.has(ref);
  return {
    ...sbom,
    components: sbom.components.filter((one) => stays(one['bom-ref'])),
    dependencies: sbom.dependencies
      .filter(({ ref }) => stays(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(stays) })),
  };
}
