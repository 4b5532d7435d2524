import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { numberedImage } from '../../src/simulator/images/image-store.ts';
import { type CliResult, runCli, startCli } from '../support/cli/cli.ts';
import { pagesOfImages, tokenOf } from '../support/list/paged-images.ts';
import { withSimulator } from '../support/servers/simulator.ts';

const CRASH_HERE = new URL('crash-here.ts', import.meta.url).href;
const IMAGES = Array.from({ length: 3 }, (_, number) => numberedImage(number));
const AT_ONCE = 3;
const WHOLE = ['id', ...IMAGES.map(({ id }) => id), ''].join('\n');

interface Crashed {
  readonly result: CliResult;
  readonly told: string;
}

/** Runs `list -o` until its step `at`, then again to its end. */
async function crash(at: number, isPowerLoss: boolean): Promise<{ readonly steps: readonly string[]; readonly wasKilled: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-list-crash-'));
  try {
    return await withSimulator({}, async (simulator) => {
      simulator.override(pagesOfImages(IMAGES, 2));
      const args = ['list', '--base-url', simulator.url, '--rate', 'unlimited', '--fields', 'id', '-o', 'all.csv', '--allow-parallel'];
      const told = join(folder, 'told');
      const run = async (): Promise<Crashed> => {
        const query = new URLSearchParams({ at: String(at), told, power: isPowerLoss ? '1' : '0', thread: 'main' });
        const nodeArgs = ['--import', `${CRASH_HERE}?${query.toString()}`];
        const result = await startCli(args, { cwd: folder, nodeArgs }).finished;
        return { result, told: existsSync(told) ? readFileSync(told, 'utf8') : '' };
      };
      const crashed = await run();
      const wasKilled = crashed.result.signal === 'SIGKILL';
      const name = `${at} (${crashed.told.trim().split('\n').at(-1)})`;
      // Nothing but a whole list has the name.
      if (existsSync(join(folder, 'all.csv'))) expect(readFileSync(join(folder, 'all.csv'), 'utf8'), name).toBe(WHOLE);
      const finished = wasKilled ? await runCli(args, { cwd: folder }) : crashed.result;
      // It was in place, and nothing was left beside it: to the same command it is somebody's file.
      const wasDone = finished.exitCode === 2 && readdirSync(folder).filter((file) => file !== 'told').length === 1;
      if (!wasDone) expect({ name, ...finished }).toMatchObject({ exitCode: 0 });
      expect(readFileSync(join(folder, 'all.csv'), 'utf8'), name).toBe(WHOLE);
      expect(
        readdirSync(folder).filter((file) => file !== 'told' && !file.endsWith('.lock')),
        name,
      ).toEqual(['all.csv']);
      // No page is asked for more than twice: the one that was under way.
      const asked = simulator.record.requests.map(({ rawUrl }) => tokenOf(rawUrl));
      expect(asked.length, name).toBeLessThanOrEqual(2 + 1);
      return { steps: crashed.told.trim().split('\n'), wasKilled };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('list -o, killed at its steps and run again, writes what an unbroken run does', () => {
  it.each([
    // A power loss is a kill that also loses what was not synced: it takes one step in four, the kill alone one in eight.
    ['SIGKILL', false, 8],
    ['a power loss', true, 4],
  ])(
    '%s',
    async (__, isPowerLoss, eachStep) => {
      const { steps } = await crash(0, false);
      expect(steps.length).toBeGreaterThan(20);
      expect(steps.some((step) => step.includes('becomes all.csv'))).toBe(true);
      const chosen = steps.map((_, index) => index + 1).filter((at) => at % eachStep === 0);
      for (let first = 0; first < chosen.length; first += AT_ONCE) {
        const ats = chosen.slice(first, first + AT_ONCE);
        const crashed = await Promise.all(ats.map((at) => crash(at, isPowerLoss)));
        expect(crashed.map(({ wasKilled }) => wasKilled)).toEqual(ats.map(() => true));
      }
    },
    600_000,
  );
});
