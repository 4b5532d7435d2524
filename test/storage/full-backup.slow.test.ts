import { mkdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { contradictions, contradictionsSoFar } from '../support/purge/oracle.ts';
import { readBackup } from '../support/purge/backup.ts';
import { makeIds, type PurgeBench, withPurge } from '../support/purge/purge.ts';
import { CAN_MOUNT, SmallDisk } from '../support/machine/small-disk.ts';

const IDS = makeIds(60);
/** Several writes each, and more than one may wait for the disk. */
const ORIGINAL = Buffer.alloc(700_000, 'image');
const IMAGES = { kind: 'detailed', images: IDS.map((id) => ({ id, original: ORIGINAL })) } as const;
const ARGS = ['--backup', 'disk/saved', '--concurrency', '8', '--expect-absent'];

function expectSaved(bench: PurgeBench): void {
  const saved = readBackup(bench.path('disk/saved'));
  expect([...bench.simulator.record.deleted].filter((id) => saved.get(id)?.bytes !== ORIGINAL.length)).toEqual([]);
}

async function expectItFinishes(bench: PurgeBench): Promise<void> {
  const fixed = await bench.delete(ARGS);
  expect(fixed.stderr).not.toMatch(/^error/m);
  expect(fixed.exitCode).toBe(0);
  expect(contradictions(bench, { accepted: IDS })).toEqual([]);
  expectSaved(bench);
}

describe.skipIf(!CAN_MOUNT)('a disk that is full under a backup', () => {
  it.each([20, 60, 130])(
    'after %i requests: exit 5 and no hang, nothing is deleted that is not saved, and with room the same command finishes',
    (requestCount) =>
      withPurge({ images: IMAGES }, async (bench) => {
        using disk = new SmallDisk(bench.path('disk'), '80m');
        bench.writeIds('ids.csv', IDS);
        const running = bench.startDelete(ARGS);
        await bench.simulator.whenRequests(requestCount);
        disk.fill();
        const full = await running.finished;
        expect(full.exitCode).toBe(5);
        expect(full.stderr).toMatch(/^error: the backup .*disk\/saved cannot be written \(ENOSPC.*\n {7}\S/m);
        expect(contradictionsSoFar(bench, { accepted: IDS })).toEqual([]);
        expectSaved(bench);
        disk.free();
        await expectItFinishes(bench);
      }),
  );

  it('ahead: exit 5 and nothing is sent; no room for the folder itself is exit 5 too', () =>
    withPurge({ images: IMAGES }, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), '8m');
      bench.writeIds('ids.csv', IDS);
      const ahead = await bench.delete(ARGS);
      expect(ahead.exitCode).toBe(5);
      expect(ahead.stderr).toMatch(/^error: the backup of 60 images needs about 42\.\d MB, by a sample of 2, and [78]\.\d MB are free/m);
      expect(bench.deleteCount).toBe(0);
      mkdirSync(bench.path('disk/empty'));
      disk.fill();
      expect((await bench.delete(['--backup', 'disk/empty'])).exitCode).toBe(5);
      expect(bench.deleteCount).toBe(0);
      disk.free();
      disk.grow('80m');
      await expectItFinishes(bench);
    }));
});
