import { expect, it } from 'vitest';

import { success } from '../../../src/simulator/simulated-answers.ts';
import type { SimulatedImage } from '../../../src/simulator/simulator-options.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { runOnScreen, type Shown, untilOnScreen } from '../../support/cli/on-screen.ts';
import { createScreen, type Screen } from '../../support/cli/screen.ts';
import { pagesOfImages, tokenOf } from '../../support/list/paged-images.ts';
import { withSimulator } from '../../support/servers/simulator.ts';

const IMAGES: readonly SimulatedImage[] = ['a', 'b\u009b31m', 'c', 'd'].map((id) => ({ id }));

/** Runs `list` on a terminal. */
function listOn(screen: Screen, { url }: Simulator, ...args: string[]): Promise<Shown> {
  return runOnScreen(screen, ['list', '--base-url', url, '--rate', 'unlimited', ...args]);
}

it('on a terminal the count goes on before the account’s total, and nothing of it stays', () =>
  withSimulator({ statsCount: 4 }, async (simulator) => {
    const screen = createScreen();
    const pages = pagesOfImages(IMAGES, 2);
    simulator.override(async (request) => {
      if (!request.rawUrl.includes('/images/v2') || tokenOf(request.rawUrl) === 'first') return pages(request);
      await untilOnScreen(screen, '2 of 4 images read, 1 listed');
      return pages(request);
    });
    const { exitCode, stdout } = await listOn(screen, simulator, '--format', 'ids');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'a\nc\nd\n' });
    expect(screen.lines().join('\n')).not.toContain('images read');
    expect(screen.lines().join('\n')).toContain('1 image left out');
    expect(simulator.record.requests.filter(({ rawUrl }) => rawUrl.endsWith('/stats'))).toHaveLength(1);
  }));

it('where the API filters, the total is not asked for; nothing that a terminal would obey is shown', () =>
  withSimulator({}, async (simulator) => {
    simulator.override(() => success({ images: [{ id: 'a', creator: 'x', filename: 'f\u009b31m\u202e' }], continuation_token: null }));
    const { stdout } = await listOn(createScreen(), simulator, '--creator', 'x', '--format', 'csv', '--fields', 'filename');
    expect(stdout).toBe('id,filename\na,f\\u{9b}31m\\u{202e}\n');
    expect(simulator.record.requestCount).toBe(1);
  }));

it('elsewhere the total is not asked for', () =>
  withSimulator({ images: { kind: 'detailed', images: [{ id: 'a' }] } }, async (simulator) => {
    expect((await listOn(createScreen(), simulator, '--format', 'ids', '--progress', 'none')).stdout).toBe('a\n');
    expect(simulator.record.requestCount).toBe(1);
  }));
