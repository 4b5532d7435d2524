import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** `MUTATION_TESTS=throttle,window`: no tests but these, where a folder's mutants are quicker to kill by its own. */
const only = process.env['MUTATION_TESTS'];

/** What mutation testing runs: in-process tests that are quick. What starts the built program would never meet a mutant. */
const config: ViteUserConfig = defineConfig({
  test: {
    include:
      only === undefined
        ? ['test/unit/**/*.test.ts', 'test/integration/{report/{report-file,output-file,write-report},pace/spacer}.test.ts']
        : only.split(',').map((name) => `test/**/${name}.test.ts`),
    // Reads the source as text, and would fail for every mutant; takes long and holds nothing of the mutated folders.
    exclude: ['test/unit/{architecture,sizes,readme}.test.ts', 'test/unit/send/recorder.test.ts'],
    setupFiles: ['test/support/vitest/fewer-cases.ts'],
    // One process for all files of a mutant: starting one for each would take longer than the tests.
    isolate: false,
    testTimeout: 20_000,
  },
});

export default config;
