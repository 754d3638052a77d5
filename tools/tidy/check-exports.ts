/** One name, one meaning: over all packages a name is exported by one file. */
import type { SourceFile } from './source-file.ts';
import { isTest } from './tree.ts';
import type { Violation } from './violation.ts';

/** Names that several files declare and export. Passing on what another file declares is no second declaration. */
export function checkExports(sources: readonly SourceFile[]): Violation[] {
  const places = new Map<string, string[]>();
  for (const { path, exports } of sources) {
    if (!/^packages\/[^/]+\/src\//.test(path) || isTest(path) || path.endsWith('.fixture.ts')) continue;
    for (const name of exports) places.set(name, [...(places.get(name) ?? []), path]);
  }
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => ({
      rule: 'exported-once',
      path: paths[0] ?? '',
      line: 0,
      message: `${name} is exported ${paths.length} times, here and in ${paths.slice(1).join(', ')}: give each a name of its own`,
      subject: name,
    }));
}
