import { describe, expect, it } from 'vitest';

import { failure, success } from '../../../src/simulator/simulated-answers.ts';
import type { Override } from '../../../src/simulator/script.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';

const IDS = makeIds(6);
const [FIRST = '', SECOND = ''] = IDS;

/** The DELETEs of these IDs are answered well, and nothing is done. */
function keeping(...ids: readonly string[]): Override {
  return ({ method, id }) => (method === 'DELETE' && id !== undefined && ids.includes(id) ? success({}) : undefined);
}

function withSix(work: (bench: PurgeBench) => Promise<void>, start: typeof withPurge = withPurge): Promise<void> {
  return start({ images: { kind: 'list', ids: [...IDS, 'of-others'] } }, async (bench) => {
    bench.writeIds('ids.csv', IDS);
    await work(bench);
  });
}

/** The lines of one ID in the report, in their order. */
function linesOf(bench: PurgeBench, wanted: string): string[] {
  return bench
    .report()
    .filter(({ id }) => id === wanted)
    .map(({ outcome, message }) => (message === undefined ? outcome : `${outcome}: ${message}`));
}

describe('--verify', () => {
  it('where all is gone: exit 0, two requests more, and what the account held is told', () =>
    withSix(async (bench) => {
      const result = await bench.delete(['--verify']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ state: 'finished', outcomes: { deleted: 6, failed: 0 } });
      const finished = result.stderr.split('\n').find((line) => line.includes('verify.finished')) ?? '{}';
      expect(JSON.parse(finished)).toMatchObject({ ids: 6, stillThere: 0, listed: 1, imagesBefore: 7, deleted: 6, imagesAfter: 1 });
      expect(bench.simulator.record.requestCount).toBe(1 + 6 + 2);
    }));

  it('an ID that is still there becomes failed, with a line more in the report: exit 1; sent again, it is verified again', () =>
    withSix(async (bench) => {
      bench.simulator.override(keeping(SECOND));
      const result = await bench.delete(['--verify']);
      expect(result.exitCode).toBe(1);
      expect(summaryOf(result)).toMatchObject({ state: 'finished', pending: 0, outcomes: { deleted: 5, absent: 0, failed: 1 } });
      expect(linesOf(bench, SECOND)).toEqual(['deleted', 'failed: still listed']);
      expect(linesOf(bench, FIRST)).toEqual(['deleted']);

      bench.simulator.override(undefined);
      const again = await bench.resume(['--retry-failed', '--yes']);
      expect(again.exitCode).toBe(0);
      expect(summaryOf(again)).toMatchObject({ state: 'finished', outcomes: { deleted: 6, failed: 0 } });
      expect(linesOf(bench, SECOND)).toEqual(['deleted', 'failed: still listed', 'deleted']);
      expect(again.stderr).toContain('verify.finished');
    }));

  it('only what its own GET confirms is failed: a list that is behind is not believed', () =>
    withSix(async (bench) => {
      bench.simulator.override((request) => {
        if (request.method === 'GET' && request.id === SECOND) return failure(404, 5404, 'Image not found');
        return keeping(SECOND)(request);
      });
      expect((await bench.delete(['--verify'])).exitCode).toBe(0);
      expect(linesOf(bench, SECOND)).toEqual(['deleted']);
    }));

  it('uploaded again is not failed', () =>
    withPurge({ images: { kind: 'detailed', images: [{ id: 'a', uploaded: '2099-01-01T00:00:00Z' }, { id: 'b' }] } }, async (bench) => {
      bench.writeIds('ids.csv', ['a', 'b']);
      bench.simulator.override(keeping('a'));
      const result = await bench.delete(['--verify']);
      expect(result.exitCode).toBe(0);
      expect(result.stderr).toContain('"uploadedAgain":1');
    }));

  it('that is refused or not answered leaves the purge unfinished; the next run verifies, and sends nothing again', () =>
    withSix(async (bench) => {
      bench.simulator.override(({ method, rawUrl }) =>
        method === 'GET' && rawUrl.includes('images/v2') ? failure(403, 9109, 'Unauthorized') : undefined,
      );
      const result = await bench.delete(['--verify']);
      expect(result.exitCode).toBe(3);
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', pending: 0, outcomes: { deleted: 6 } });
      const { deleteCount } = bench;
      bench.simulator.override(undefined);
      const next = await bench.resume();
      expect(next.exitCode).toBe(0);
      expect(summaryOf(next)).toMatchObject({ state: 'finished' });
      expect(next.stderr).toContain('verify.finished');
      expect(bench.deleteCount).toBe(deleteCount);
    }));

  it.each(['SIGTERM', 'SIGKILL'] as const)('%s while the list is read: the same command verifies', (signal) =>
    withSix(async (bench) => {
      const hanging = new Promise<void>((resolve) =>
        bench.simulator.override(({ rawUrl }) => {
          if (!rawUrl.includes('images/v2')) return undefined;
          resolve();
          return 'hang';
        }),
      );
      const running = bench.startDelete(['--verify']);
      await hanging;
      running.child.kill(signal);
      expect((await running.finished).exitCode).toBe(signal === 'SIGTERM' ? 143 : null);
      bench.simulator.override(undefined);
      const next = await bench.delete(['--verify']);
      expect(summaryOf(next)).toMatchObject({ state: 'finished', outcomes: { deleted: 6 } });
      expect(next.stderr).toContain('verify.finished');
      expect(bench.deleteCount).toBe(6);
    }, withPurgeProcesses),
  );

  it('resume --verify verifies a purge that is finished; without it nothing is asked', () =>
    withSix(async (bench) => {
      bench.simulator.override(keeping(FIRST));
      expect((await bench.delete()).exitCode).toBe(0);
      const before = bench.simulator.record.requestCount;
      expect((await bench.resume()).exitCode).toBe(0);
      expect(bench.simulator.record.requestCount).toBe(before);
      const result = await bench.resume(['--verify']);
      expect(result.exitCode).toBe(1);
      expect(linesOf(bench, FIRST)).toEqual(['deleted', 'failed: still listed']);
    }));

  it('is a guard: a purge that has it keeps it, and one in its place must be given it or --drop-guards', () =>
    withSix(async (bench) => {
      expect((await bench.delete(['--verify', '--limit', '2'])).exitCode).toBe(8);
      bench.writeIds('ids.csv', ['image-000009']);
      const refused = await bench.delete(['--supersede']);
      expect(refused.exitCode).toBe(7);
      expect(refused.stdout).toContain('--verify');
      bench.writeIds('ids.csv', IDS);
      const next = await bench.resume();
      expect(next.stderr).toContain('verify.finished');
    }));

  it('--drop-guards drops it', () =>
    withSix(async (bench) => {
      expect((await bench.delete(['--verify', '--limit', '2'])).exitCode).toBe(8);
      const next = await bench.resume(['--drop-guards']);
      expect(next.exitCode).toBe(0);
      expect(next.stderr).not.toContain('verify.finished');
    }));
});
