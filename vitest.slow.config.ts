import { defineConfig, type ViteUserConfig } from 'vitest/config';

import { shared, SLOW } from './vitest.config.ts';

/** What `npm run test:slow` runs: campaigns, and what waits for real time or another process. */
const config: ViteUserConfig = defineConfig({ test: { ...shared, include: [SLOW], maxWorkers: 5 } });

export default config;
