import { rmSync, writeFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { failure } from '../../../src/simulator/simulated-answers.ts';
import type { SimulatedImage } from '../../../src/simulator/simulator-options.ts';
import { readBackup } from '../../support/purge/backup.ts';
import type { CliResult } from '../../support/cli/cli.ts';
import { type PurgeBench, withPurge } from '../../support/purge/purge.ts';

const UUID = '11111111-2222-4333-8444-555555555555';
const HERO: SimulatedImage = {
  id: 'shop/h\u00e9ro "1".jpg',
  filename: 'h\u00e9ro "1".jpg',
  creator: 'user-17',
  meta: { album: 'été', tags: ['a', 'b'], n: 1 },
  requireSignedURLs: true,
  original: Buffer.alloc(3_000_000, 'hero'),
};
const IMAGES: readonly SimulatedImage[] = [HERO, { id: UUID, creator: 'user-1' }, { id: 'plain' }, { id: 'other' }];

interface Restored {
  readonly images: number;
  readonly restored: number;
  readonly exists: number;
  readonly failed: number;
  readonly newIds: number;
  readonly newIdsFile: string | null;
  readonly exitCode: number;
}

class RestoreBench {
  readonly bench: PurgeBench;

  constructor(bench: PurgeBench) {
    this.bench = bench;
  }

  get root(): string {
    return `${this.bench.simulator.url}/accounts/${this.bench.simulator.options.accountId}/images/v1`;
  }

  restore(...more: readonly string[]): Promise<CliResult> {
    return this.bench.run(['restore', 'saved', '--rate', 'unlimited', '--base-url', this.bench.simulator.url, '--json', ...more]);
  }

  /** What the server tells of an image, and its bytes. */
  async image(id: string): Promise<{ readonly told: Record<string, unknown>; readonly bytes: Uint8Array } | undefined> {
    const { apiToken } = this.bench.simulator.options;
    const headers = { authorization: `Bearer ${apiToken}` };
    const details = await fetch(`${this.root}/${encodeURIComponent(id)}`, { headers });
    if (details.status === 404) return undefined;
    const { result } = (await details.json()) as { result: Record<string, unknown> };
    const blob = await fetch(`${this.root}/${encodeURIComponent(id)}/blob`, { headers });
    return { told: result, bytes: await blob.bytes() };
  }

  report(): Record<string, unknown>[] {
    return this.bench
      .read('saved/restored.ndjson')
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

/** All four images are deleted with a backup. */
function withDeleted(work: (bench: RestoreBench) => Promise<void>): Promise<void> {
  return withPurge({ images: { kind: 'detailed', images: IMAGES } }, async (bench) => {
    bench.write('ids.ndjson', IMAGES.map(({ id }) => JSON.stringify({ id })).join('\n') + '\n');
    const deleted = await bench.run(bench.deleteArgs('ids.ndjson', '--backup', 'saved'));
    expect(deleted.exitCode).toBe(0);
    await work(new RestoreBench(bench));
  });
}

function said({ stdout }: CliResult): Restored {
  return JSON.parse(stdout) as Restored;
}

describe('restore', () => {
  it('uploads each image under its ID, with all that is known of it; a UUID gets a new one, said beforehand; then nothing is left', () =>
    withDeleted(async (at) => {
      expect(await at.image(HERO.id)).toBeUndefined();
      const result = await at.restore();
      expect(said(result)).toMatchObject({ images: 4, restored: 4, exists: 0, failed: 0, newIds: 1, exitCode: 0 });
      expect(result.stderr).toContain('1 image had an ID that Cloudflare gave: nobody can have that again');

      const { creator, filename, meta, requireSignedURLs } = HERO;
      const hero = await at.image(HERO.id);
      expect(hero?.told).toMatchObject({ creator, filename, meta, requireSignedURLs });
      expect(Buffer.compare(hero?.bytes ?? Buffer.alloc(0), HERO.original ?? Buffer.alloc(0))).toBe(0);

      const [header, row = '', end] = at.bench.read('saved/restored.ndjson.new-ids.csv').split('\n');
      const [oldId, newId = ''] = row.split(',');
      expect([header, oldId, end]).toEqual(['old_id,new_id', UUID, '']);
      expect((await at.image(newId))?.told).toMatchObject({ creator: 'user-1' });
      expect(at.report().map(({ id, outcome }) => `${String(id)} ${String(outcome)}`)).toEqual(
        expect.arrayContaining([`${UUID} uploading`, `${UUID} restored`, 'plain restored']) as string[],
      );

      const before = at.bench.simulator.record.requestCount;
      expect(said(await at.restore())).toMatchObject({ restored: 4, exitCode: 0 });
      expect(at.bench.simulator.record.requestCount).toBe(before);
    }));

  it('leaves what exists, restores --only what is named, tries again what failed', () =>
    withDeleted(async (at) => {
      at.bench.write('wanted.txt', 'plain\n');
      expect(said(await at.restore('--only', 'wanted.txt'))).toMatchObject({ images: 1, restored: 1, exitCode: 0 });
      rmSync(at.bench.path('saved/restored.ndjson'));
      // The report is gone: what is there is found there. One image is not whole any more.
      const other = readBackup(at.bench.path('saved')).get('other');
      writeFileSync(at.bench.path(`saved/${other?.file ?? ''}`), 'x');
      at.bench.simulator.override(({ method }) => (method === 'POST' ? failure(415, 5455, 'Uploaded image must be an image') : undefined));
      expect(said(await at.restore())).toMatchObject({ restored: 0, exists: 1, failed: 3, exitCode: 1 });
      expect(at.report().find(({ id }) => id === 'other')?.['message']).toMatch(
        /damaged in the backup: images.*: it has 1 bytes and not 74/,
      );
      at.bench.simulator.override(undefined);
      const again = await at.restore();
      expect(said(again)).toMatchObject({ restored: 2, exists: 1, failed: 1, newIds: 1, exitCode: 1 });
      expect(await at.image('other')).toBeUndefined();

      const checked = await at.bench.run(['restore', 'saved', '--check', '--json'], { env: { CLOUDFLARE_API_TOKEN: '' } });
      expect(JSON.parse(checked.stdout)).toMatchObject({ images: 4, damaged: [{ id: 'other' }], exitCode: 1 });
      expect(checked.stderr).toContain('1 not whole');
    }));

  it('names what --only wants and the backup lacks, before the first upload, and exits with 1', () =>
    withDeleted(async (at) => {
      at.bench.write('wanted.txt', 'plain\nPLAIN\n- gone-1  # remark\nother\ngone-2\ngone-2\nlost-*\noth?r\n');
      const result = await at.restore('--only', 'wanted.txt');
      expect(said(result)).toMatchObject({ images: 2, restored: 2, failed: 0, exitCode: 1 });
      expect(JSON.parse(result.stdout)).toMatchObject({ missing: ['- gone-1  # remark', 'gone-2', 'lost-*'], complete: true });
      const told = '3 IDs of --only are not in it: - gone-1  # remark, gone-2, lost-*';
      expect(result.stderr.split(told)).toHaveLength(3);

      at.bench.write('all.json', JSON.stringify(['plain', 'gone-3']));
      expect(JSON.parse((await at.restore('--only', 'all.json')).stdout)).toMatchObject({ missing: ['gone-3'], exitCode: 1 });
      const unusable = await at.restore('--only', 'nowhere.txt');
      expect(unusable.exitCode).toBe(2);
      expect(unusable.stderr).toContain('the file of --only nowhere.txt cannot be used');
    }));

  it('uploads several at once', () =>
    withDeleted(async (at) => {
      const all = Promise.withResolvers<undefined>();
      let underWay = 0;
      at.bench.simulator.override(({ method, id }) => {
        if (method !== 'POST' || id === undefined) return undefined;
        if (++underWay === IMAGES.length) all.resolve(undefined);
        return all.promise;
      });
      expect(said(await at.restore())).toMatchObject({ restored: 4, exists: 0, failed: 0, exitCode: 0 });
    }));

  it('an upload whose answer is lost is not doubled: under its own ID it is met again, without one it is failed and told', () =>
    withDeleted(async (at) => {
      const known = IMAGES.map((image) => image.id);
      const lost = new Set<string>();
      at.bench.simulator.override(({ method, id }) => {
        // An upload that meets what is there already makes no image.
        if (method !== 'POST' || id === undefined) return undefined;
        const what = known.includes(id) ? id : 'one that gets a new ID';
        if (lost.has(what)) return undefined;
        lost.add(what);
        return 'lostAnswer';
      });
      const result = said(await at.restore());
      expect(result).toMatchObject({ restored: 3, failed: 1, exitCode: 1 });
      expect(at.report().find(({ outcome }) => outcome === 'failed')).toMatchObject({
        id: UUID,
        message: expect.stringContaining('it may be there under a new ID') as string,
      });
      expect(await at.image('plain')).toBeDefined();
    }));

  it('killed while it uploads: the same command goes on, uploads nothing twice that it knows of, and names what may be there twice', () =>
    withDeleted(async (at) => {
      const uploaded: string[] = [];
      const known = IMAGES.map(({ id }) => id);
      const held = Promise.withResolvers<void>();
      let isHeld = true;
      at.bench.simulator.override(({ method, id }) => {
        if (method !== 'POST' || id === undefined) return undefined;
        uploaded.push(id);
        // All of them at once.
        if (uploaded.length === IMAGES.length) held.resolve();
        // The UUID's: its work is done, and nobody is told.
        return known.includes(id) || !isHeld ? undefined : 'hangAfter';
      });
      const args = ['restore', 'saved', '--rate', 'unlimited', '--base-url', at.bench.simulator.url];
      const running = at.bench.start(args);
      await held.promise;
      running.child.kill('SIGKILL');
      await running.finished;
      isHeld = false;
      const again = await at.restore();
      const { restored, exists, ...more } = said(again);
      // Of some the killed run had not yet told that they are there.
      expect([restored + exists, more]).toMatchObject([4, { failed: 0, newIds: 1, exitCode: 0 }]);
      expect(again.stderr).toContain(`an earlier run was ended while it uploaded ${UUID}`);
      expect(uploaded.filter((id) => known.includes(id)).toSorted()).toEqual(known.filter((id) => id !== UUID).toSorted());
    }));

  it('refuses what is no backup, and a report of another account; a folder that is not there too', () =>
    withDeleted(async (at) => {
      const elsewhere = await at.bench.run(['restore', '.', '--base-url', at.bench.simulator.url]);
      expect(elsewhere.exitCode).toBe(2);
      expect(elsewhere.stderr).toContain('is not a backup of images-purge: it has no backup.json.');
      expect((await at.bench.run(['restore', 'nowhere', '--check'])).exitCode).toBe(2);
      at.bench.write('ids.csv', 'id\na\n');
      const before = at.bench.simulator.record.requestCount;
      expect((await at.restore('--report', 'ids.csv')).exitCode).toBe(2);
      expect(at.bench.read('ids.csv')).toBe('id\na\n');
      expect(at.bench.simulator.record.requestCount).toBe(before);
    }));
});
