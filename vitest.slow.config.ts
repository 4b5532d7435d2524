import { defineConfig, type ViteUserConfig } from 'vitest/config';

import { shared, SLOW } from './vitest.config.ts';

/** What `npm run test:slow` runs. Each of these files keeps a core busy by itself. */
const config: ViteUserConfig = defineConfig({ test: { ...shared, include: [SLOW], maxWorkers: 2 } });

export default config;
