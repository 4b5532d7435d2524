import { expect, it } from 'vitest';

import type { SimulatedImage } from '../../../src/simulator/simulator-options.ts';
import { runOnScreen, untilOnScreen } from '../../support/cli/on-screen.ts';
import { createScreen } from '../../support/cli/screen.ts';
import { pagesOfImages, tokenOf } from '../../support/list/paged-images.ts';
import { withPurge } from '../../support/purge/purge.ts';

const NOW = new Date().toISOString();
const IMAGES: readonly SimulatedImage[] = [
  { id: 'old', uploaded: '2020-01-01T00:00:00.000Z' },
  { id: 'new-1', uploaded: NOW },
  { id: 'new-2', uploaded: NOW },
];

it.each([
  ['--protect-newer-than', ['--protect-newer-than', '30d'], '2 of 3 images read, 1 newer'],
  // What the purge has deleted is still in the list.
  ['--verify', ['--verify'], '2 of 3 images read, 2 to be looked at'],
])('%s counts on a terminal while it goes through the list, and nothing of that stays', (_, option, shown) =>
  withPurge({ statsCount: 3, images: { kind: 'detailed', images: IMAGES } }, async (bench) => {
    const { simulator } = bench;
    bench.writeIds('ids.csv', ['old', 'new-1']);
    const screen = createScreen();
    const pages = pagesOfImages(IMAGES, 2);
    simulator.override(async (request) => {
      if (!request.rawUrl.includes('/images/v2')) return undefined;
      if (tokenOf(request.rawUrl) !== 'first') await untilOnScreen(screen, shown);
      return pages(request);
    });
    const args = ['delete', bench.path('ids.csv'), '--yes', '--base-url', simulator.url, '--rate', 'unlimited', ...option];
    expect((await runOnScreen(screen, args)).exitCode).toBe(0);
    expect(screen.lines().join('\n')).not.toContain('images read');
  }),
);
