import { describe, expect, it } from 'vitest';

import { failure, success } from '../../../src/simulator/simulated-answers.ts';
import { type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';

const UPLOADED = '2026-01-02T03:04:05.678Z';
const IMAGES = [
  { id: 'a', uploaded: UPLOADED, filename: 'shoe "red".png' },
  { id: 'b', uploaded: UPLOADED },
  { id: 'draft', draft: true },
];
const IDS = ['a', 'gone', 'b', 'draft'];
const REPORT = ['--report', 'asked.ndjson'];

function withThree(work: (bench: PurgeBench) => Promise<void>, start: typeof withPurge = withPurge): Promise<void> {
  return start({ images: { kind: 'detailed', images: IMAGES } }, async (bench) => {
    bench.writeIds('ids.csv', IDS);
    await work(bench);
  });
}

/** `delete ids.csv --dry-run --check-exists`, without a `--yes`: nothing is deleted. */
function askedArgs(bench: PurgeBench, ...more: readonly string[]): string[] {
  const args = ['delete', 'ids.csv', '--dry-run', '--check-exists', '--rate', 'unlimited', '--base-url', bench.simulator.url];
  return [...args, '--json', ...more];
}

describe('--dry-run --check-exists', () => {
  it('asks for each image once: the report tells what exists, its time of upload, file name and size; nothing is deleted or left', () =>
    withThree(async (bench) => {
      bench.simulator.override(({ method, id }) =>
        method === 'GET' && id === 'b' ? success({ id: 'b', uploaded: UPLOADED, size: 1234 }) : undefined,
      );
      const result = await bench.run(askedArgs(bench, ...REPORT));
      expect(result.exitCode, result.stderr).toBe(0);
      expect(bench.report('asked.ndjson')).toEqual([
        { id: 'a', outcome: 'planned', exists: true, uploaded: UPLOADED, filename: 'shoe "red".png', source: 'ids.csv', line: 2 },
        { id: 'gone', outcome: 'planned', exists: false, source: 'ids.csv', line: 3 },
        { id: 'b', outcome: 'planned', exists: true, size: 1234, uploaded: UPLOADED, source: 'ids.csv', line: 4 },
        expect.objectContaining({ id: 'draft', outcome: 'planned', exists: true, line: 5 }),
      ]);
      expect(summaryOf(result)).toMatchObject({
        outcomes: { planned: 4, deleted: 0 },
        asked: { there: 3, gone: 1, unclear: 0 },
        run: { requests: 5 },
      });
      expect(result.stderr).toContain('holds 3 images; this purge is 133.3 % of them');
      expect(result.stderr).toContain('Asked for each image: 3 exist, 1 does not. Another account, another --column, or deleted earlier?');
      expect(bench.deleteCount).toBe(0);
      // Its report is a dry run's, which another one writes over, and a source.
      expect((await bench.run(askedArgs(bench, ...REPORT))).exitCode).toBe(0);
      expect(bench.report('asked.ndjson')).toHaveLength(4);
      expect((await bench.run(bench.deleteArgs('asked.ndjson', '--dry-run'))).stderr).toContain('4 IDs would be deleted');
      expect(await bench.run(['status', 'ids.csv.checkpoint'])).toMatchObject({ exitCode: 5 });
    }));

  it('without --dry-run is exit 2, on the command line and in the environment: nothing is asked for', () =>
    withThree(async (bench) => {
      const given = await bench.delete(['--check-exists']);
      expect(given.exitCode).toBe(2);
      expect(given.stderr).toContain('Give --dry-run too');
      expect((await bench.delete([], { env: { IMAGES_PURGE_CHECK_EXISTS: '1' } })).exitCode).toBe(2);
      expect((await bench.run(['plan', 'ids.csv', '--check-exists'])).exitCode).toBe(2);
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('an image that is answered with errors alone is told as neither, and keeps no other waiting', () =>
    withThree(async (bench) => {
      bench.simulator.override(({ method, id }) => (method === 'GET' && id === 'a' ? failure(500, 5500, 'Internal error') : undefined));
      const result = await bench.run(askedArgs(bench, ...REPORT, '--max-attempts', '1'));
      expect(result.exitCode, result.stderr).toBe(0);
      const [first, second] = bench.report('asked.ndjson');
      expect(first).toMatchObject({ id: 'a', exists: null, message: expect.stringContaining('500') as string });
      expect(second).toMatchObject({ id: 'gone', exists: false });
      expect(summaryOf(result)).toMatchObject({ asked: { there: 2, gone: 1, unclear: 1 } });
    }));

  it('credentials that are refused are exit 3, and the account is held as by a purge', () =>
    withThree(async (bench) => {
      bench.simulator.override(({ method, id }) =>
        method === 'GET' && id !== undefined ? failure(403, 10000, 'Authentication error') : undefined,
      );
      const refused = await bench.run(askedArgs(bench, ...REPORT));
      expect(refused.exitCode, refused.stderr).toBe(3);
      expect(refused.stderr).toContain('--check-exists');
      expect((await bench.run(askedArgs(bench), { env: { CLOUDFLARE_API_TOKEN: '' } })).exitCode).toBe(2);
      expect(bench.deleteCount).toBe(0);
    }));

  it('--protect-newer-than reads the account’s list first, and what it protects is not asked for', () =>
    withThree(async (bench) => {
      const result = await bench.run(askedArgs(bench, ...REPORT, '--protect-newer-than', '3000d', '--min-protected', '2'));
      expect(result.exitCode, result.stderr).toBe(0);
      expect(bench.report('asked.ndjson').map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
        'a protected',
        'b protected',
        'gone planned',
        'draft planned',
      ]);
      expect(result.stderr).not.toContain('Not checked');
      const refused = await bench.run(askedArgs(bench, '--protect-newer-than', '3000d', '--min-protected', '3'));
      expect(refused.exitCode).toBe(7);
    }));

  it('stopped by a signal: what was told until then is in the report', () =>
    withThree(async (bench) => {
      const hanging = new Promise<void>((resolve) =>
        bench.simulator.override(({ method, id }) => {
          if (method !== 'GET' || id !== 'b') return undefined;
          resolve();
          return 'hang';
        }),
      );
      const running = bench.start(askedArgs(bench, ...REPORT));
      await hanging;
      running.child.kill('SIGTERM');
      const result = await running.finished;
      expect(result.exitCode, result.stderr).toBe(143);
      expect(bench.report('asked.ndjson').map(({ id }) => id)).toEqual(['a', 'gone']);
      expect(result.stderr).toContain('Asked for 2 of them so far: 1 exists, 1 does not.');
    }, withPurgeProcesses));
});
