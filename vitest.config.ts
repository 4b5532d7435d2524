import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/tell-skipped.ts'],
    // Two cores: more forks than that only make child processes slower to answer.
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Most of what the end-to-end tests cover runs in children and in the ledger's thread.
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text'], autoAttachSubprocess: true, reportOnFailure: true },
  },
});

export default config;
