import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configDefaults, defineConfig, type TestUserConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@ferric/source'];
const peerTests = '**/*.peer.test.ts';

/**
 * The configuration of a package's tests: workspace packages resolve to their sources, so that no build is needed; types
 * are tested with them; and when FERRIC_REPORT_DIR is set, each run leaves one JSON report there, which CI counts.
 * @param own settings that replace the shared ones, key by key
 */
export function defineTests(own: TestUserConfig = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      include: ['{src,test}/**/*.test.ts'],
      exclude: [...configDefaults.exclude, peerTests],
      typecheck: { enabled: true, include: ['{src,test}/**/*.test-d.ts'] },
      reporters: reporters(process.env['FERRIC_REPORT_DIR']),
      // Limits on what hangs, not measures of how fast a machine is.
      testTimeout: 20_000,
      hookTimeout: 30_000,
      expect: { poll: { timeout: 10_000 } },
      ...own,
    },
  });
}

/** The configuration of `test:peers`: files `*.peer.test.ts`, one after the other, with time for a real server to start. */
export function definePeerTests(own: TestUserConfig = {}): ViteUserConfig {
  return defineTests({
    include: [peerTests],
    exclude: configDefaults.exclude,
    typecheck: { enabled: false },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...own,
  });
}

function reporters(folder: string | undefined): NonNullable<TestUserConfig['reporters']> {
  if (folder === undefined || folder === '') return ['default'];
  // The name of the package comes first: a package that reports nothing is found by it.
  const { name } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string };
  return ['default', ['json', { outputFile: join(folder, `${name.replace('/', '+')}.${randomUUID()}.json`) }]];
}
