import { configDefaults, defineConfig } from 'vitest/config';

/** `--mode long` (npm run test:long) runs the `*.long.test.ts` files, which take minutes; otherwise all others run. */
export default defineConfig(({ mode }) => {
  const ending = mode === 'long' ? 'long.test.ts' : 'test.ts';
  return {
    test: {
      include: ['packages/*/src', 'packages/*/test', 'tests', 'tools'].map(
        (folder) => `${folder}/**/*.${ending}`,
      ),
      exclude: [...configDefaults.exclude, ...(mode === 'long' ? [] : ['**/*.long.test.ts'])],
      globalSetup: [
        'tests/run/processes.ts',
        'tests/postgres/global-setup.ts',
        'tests/browser/global-setup.ts',
      ],
      setupFiles: ['tests/run/announce.ts'],
      reporters: ['default', './tests/run/report.ts'],
      expect: { poll: { timeout: 10_000 } },
      pool: 'forks',
      maxWorkers: 3,
      testTimeout: mode === 'long' ? 900_000 : 30_000,
      hookTimeout: mode === 'long' ? 120_000 : 60_000,
      teardownTimeout: 60_000,
    },
  };
});
