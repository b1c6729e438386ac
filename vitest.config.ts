import { defineConfig } from 'vitest/config'

// The condition `discokit-source` makes `discokit` and `#platform` mean the sources, so a test never runs a stale build. Node is given
// these as well; `import` among them would lead what `require` asks for to modules that it cannot use.
const conditions = ['discokit-source', 'node', 'module']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    // In CI a plain line at the end says how many passed and failed.
    reporters: process.env['CI'] ? ['default', './scripts/summary-reporter.ts'] : ['default'],
    // A developer's shell may point at an emulator of theirs; their cache, their keychain and their credentials are not for tests.
    env: {
      DISCOKIT_EMULATOR: '',
      DISCOKIT_CACHE: 'off',
      DISCOKIT_KEYCHAIN: 'off',
      GOOGLE_APPLICATION_CREDENTIALS: '',
      CLOUDSDK_CONFIG: '/nowhere',
      METADATA_SERVER_DETECTION: 'none',
    },
    restoreMocks: true,
    unstubEnvs: true,
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary'] },
  },
})
