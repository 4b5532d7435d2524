// `npm run mutation`: all four folders; `npm run mutation -- --mutate 'src/answer/**/*.ts'`: one of them.
// See docs/mutation-testing.md.
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // Forks as in `npm test`: threads share one TZ, and have one umask.
  vitest: { configFile: 'vitest.mutation.config.ts', related: true, pool: 'forks' },
  coverageAnalysis: 'perTest',
  // Those need a real Redis, and seconds for each mutant.
  mutate: ['src/{domain,answer,pace,report}/**/*.ts', '!src/pace/shared/{shared-quota,redis,schedule,membership}.ts'],
  // TypeScript 7.0 has no compiler API, with which Stryker would rewrite tsconfig.json; nothing in ours needs it.
  tsconfigFile: 'none',
  reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
  clearTextReporter: { logTests: false, reportTests: false },
  thresholds: { high: 90, low: 85, break: 85 },
  // The tests run side by side with nothing else; more than two slow each other down until they time out.
  concurrency: 2,
  timeoutMS: 8_000,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['dist', 'bench', 'docs', 'coverage', 'reports', '.ci'],
};
