import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

import { shared, SLOW } from './vitest.config.ts';

/** Files that take minutes by themselves. */
const LONGEST = /\/(?:chaos|simulation)\/|\/(?:long-ids|permissions)\.slow\.test\.ts$/;

/** What takes longest begins first: at the end one worker would have it while the others have nothing left. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => (LONGEST.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** What `npm run test:slow` runs: campaigns, and what waits for real time or another process. */
const config: ViteUserConfig = defineConfig({
  test: { ...shared, include: [SLOW], maxWorkers: 5, isolate: false, sequence: { sequencer: LongestFirst } },
});

export default config;
