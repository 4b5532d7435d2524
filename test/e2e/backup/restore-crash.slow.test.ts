import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { SimulatedImage } from '../../../src/simulator/simulator-options.ts';
import { type CliResult, runCli, startCli, TEST_ACCOUNT } from '../../support/cli/cli.ts';
import { withSimulator } from '../../support/servers/simulator.ts';

const CRASH_HERE = new URL('../../chaos/crash-here.ts', import.meta.url).href;
const UUID = '11111111-2222-4333-8444-555555555555';
const OWN = ['a', 'b/c.png', 'd', 'e'];
const IMAGES: readonly SimulatedImage[] = [...OWN, UUID].map((id) => ({ id }));
const AT_ONCE = 3;

/** A backup of all images, which are deleted. */
async function makeBackup(folder: string): Promise<void> {
  await withSimulator({ images: { kind: 'detailed', images: IMAGES } }, async ({ url }) => {
    writeFileSync(join(folder, 'ids.txt'), [...OWN, UUID, ''].join('\n'));
    const args = ['delete', 'ids.txt', '--yes', '--base-url', url, '--rate', 'unlimited', '--backup', 'saved', '--allow-parallel'];
    expect(await runCli(args, { cwd: folder })).toMatchObject({ exitCode: 0 });
  });
}

/** Restores it into an empty account until step `at`, then again to its end. */
async function crash(saved: string, at: number, isPowerLoss: boolean): Promise<{ steps: readonly string[]; wasKilled: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-restore-crash-'));
  try {
    return await withSimulator({ images: { kind: 'none' } }, async (simulator) => {
      cpSync(saved, join(folder, 'saved'), { recursive: true });
      const made: string[] = [];
      simulator.override(({ method, id }) => {
        // As the simulator does: an ID that is taken makes no image.
        if (method === 'POST' && id !== undefined) made.push(id);
        return undefined;
      });
      const told = join(folder, 'told');
      const query = new URLSearchParams({ at: String(at), told, power: isPowerLoss ? '1' : '0', thread: 'backup' });
      const args = ['restore', 'saved', '--base-url', simulator.url, '--rate', 'unlimited', '--json', '--allow-parallel'];
      const crashed = await startCli(args, { cwd: folder, nodeArgs: ['--import', `${CRASH_HERE}?${query.toString()}`] }).finished;
      const steps = (existsSync(told) ? readFileSync(told, 'utf8') : '').trim().split('\n');
      const name = `${at} (${steps.at(-1)})`;
      const wasKilled = crashed.signal === 'SIGKILL';
      const uploadedBefore = made.length;
      const finished: CliResult = wasKilled ? await runCli(args, { cwd: folder }) : crashed;
      expect({ name, ...finished }, finished.stderr).toMatchObject({ exitCode: 0 });
      const { restored, exists, failed } = JSON.parse(finished.stdout) as Record<string, number>;
      expect({ name, all: Number(restored) + Number(exists), failed }).toEqual({ name, all: IMAGES.length, failed: 0 });
      expect(
        made.filter((id) => OWN.includes(id)).filter((id, index, all) => all.indexOf(id) !== index),
        `${name}: uploaded twice`,
      ).toEqual([]);
      // Nobody knows whether the one without an ID of its own had arrived: where it may be there twice, that is said.
      const others = made.length - OWN.length;
      expect(others, name).toBeGreaterThanOrEqual(1);
      if (others > 1) expect(finished.stderr, name).toContain(`while it uploaded ${UUID}`);
      expect(uploadedBefore, name).toBeLessThanOrEqual(IMAGES.length);
      expect(simulator.record.requests.every(({ rawUrl }) => rawUrl.includes(TEST_ACCOUNT))).toBe(true);
      return { steps, wasKilled };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a restore of several images at once, killed at its steps and run again, brings each back once', () => {
  it.each([
    ['SIGKILL', false],
    ['a power loss', true],
  ])(
    '%s',
    async (__, isPowerLoss) => {
      const folder = mkdtempSync(join(tmpdir(), 'images-purge-restore-crash-'));
      try {
        await makeBackup(folder);
        const saved = join(folder, 'saved');
        const { steps } = await crash(saved, 0, false);
        expect(steps.length).toBeGreaterThan(10);
        const chosen = steps.map((_, index) => index + 1).filter((at) => at % 4 === (isPowerLoss ? 0 : 2));
        for (let first = 0; first < chosen.length; first += AT_ONCE)
          await Promise.all(chosen.slice(first, first + AT_ONCE).map((at) => crash(saved, at, isPowerLoss)));
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    600_000,
  );
});
