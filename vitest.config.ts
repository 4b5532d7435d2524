import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';

/** What `npm run test:slow` runs: campaigns, long simulations, big inputs. */
export const SLOW = 'test/**/*.slow.test.ts';

const UNIT = 'test/unit/**/*.test.ts';
/** They replace a module of Node's, which works only in a process where nobody has loaded what imports it. */
const MOCKING = ['test/unit/cli/world-without.test.ts'];

export const shared: NonNullable<ViteUserConfig['test']> = {
  globalSetup: ['test/support/vitest/tell-skipped.ts'],
  // Each ledger thread that a test starts from source loads Node's type stripper, which is WebAssembly. V8 crashes now and then
  // where several threads of a process compile the calls out of it again at once. What is shipped is JavaScript and strips nothing.
  // The young generation is as large from its beginning as what a ledger's thread needs to start: a tenth less to do for a short run.
  execArgv: ['--wasm-wrapper-tiering-budget=1000000000', '--min-semi-space-size=16'],
  // The built program is loaded as users' Node loads it.
  server: { deps: { external: [/\/dist\//] } },
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

/** What `npm test` runs. */
const config: ViteUserConfig = defineConfig({
  test: {
    ...shared,
    // The tests wait for servers and children as much as they compute.
    maxWorkers: 5,
    // One process for many files: to start one for each, and to load in it what is tested, takes a fifth of the time.
    projects: [
      { extends: true, test: { name: 'unit', include: [UNIT], exclude: [...configDefaults.exclude, ...MOCKING], isolate: false } },
      {
        extends: true,
        test: { name: 'whole', include: ['test/!(unit)/**/*.test.ts'], exclude: [...configDefaults.exclude, SLOW], isolate: false },
      },
      { extends: true, test: { name: 'mocking', include: MOCKING } },
    ],
    // Most of what the end-to-end tests cover runs in children and in the ledger's thread.
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text'], autoAttachSubprocess: true, reportOnFailure: true },
  },
});

export default config;
