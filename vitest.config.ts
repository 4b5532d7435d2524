import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/vitest/tell-skipped.ts'],
    // Two cores: more forks than that only make child processes slower to answer.
    maxWorkers: 2,
    // Each ledger thread that a test starts from source loads Node's type stripper, which is WebAssembly; V8 crashes now and then where several threads
    // of a process compile its calls out of it anew at once. What is shipped is JavaScript and strips nothing.
    execArgv: ['--wasm-wrapper-tiering-budget=1000000000'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Most of what the end-to-end tests cover runs in children and in the ledger's thread.
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text'], autoAttachSubprocess: true, reportOnFailure: true },
  },
});

export default config;
