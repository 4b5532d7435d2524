import { describe, expect, it } from 'vitest';

import { failure, success } from '../../../src/simulator/simulated-answers.ts';
import type { Override } from '../../../src/simulator/script.ts';
import type { SimulatedImage } from '../../../src/simulator/simulator-options.ts';
import { pasted, suggestedAfter } from '../../support/cli/pasted.ts';
import { pagesOfImages } from '../../support/list/paged-images.ts';
import { type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';

const DAY_MS = 86_400_000;
const AGE = ['--protect-newer-than', '30d'];
const RULE = '--protect-newer-than 30d';

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

/** Of the account: two old, three new (one in a spelling that no list has), one of the future, one without a time, one of others. */
const IMAGES: readonly SimulatedImage[] = [
  { id: 'old-1', uploaded: daysAgo(400) },
  { id: 'old-2', uploaded: daysAgo(31) },
  { id: 'New/Über.png', uploaded: daysAgo(29) },
  { id: 'new-1', uploaded: daysAgo(1) },
  { id: 'of-others', uploaded: daysAgo(2) },
  { id: 'ahead', uploaded: daysAgo(-3) },
];
const LIST = ['old-1', 'new-1', 'new%2F%C3%BCber.png', 'ahead', 'old-2', 'not-listed'];

const isList: (rawUrl: string) => boolean = (rawUrl) => rawUrl.includes('/images/v2');

/** The list cannot be read, and everything else is as it was. */
function listAnswers(answer: ReturnType<Override>): Override {
  return ({ rawUrl }) => (isList(rawUrl) ? answer : undefined);
}

function withImages(work: (bench: PurgeBench) => Promise<void>, start: typeof withPurge = withPurge): Promise<void> {
  return start({ images: { kind: 'detailed', images: IMAGES } }, async (bench) => {
    bench.writeIds('ids.csv', LIST);
    await work(bench);
  });
}

const sentTo = (bench: PurgeBench): string[] => [...bench.simulator.record.deleteRequests.keys()].toSorted();

describe('--protect-newer-than', () => {
  it('protects what the account’s list shows to be newer, other spellings too: report, summary, ending, log and status name it', () =>
    withImages(async (bench) => {
      bench.simulator.override(pagesOfImages(IMAGES, 2));
      const result = await bench.delete([...AGE, '--log-file', 'run.log']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(['not-listed', 'old-1', 'old-2']);
      expect(summaryOf(result)).toMatchObject({
        state: 'finished',
        intake: { accepted: 3, protected: 3 },
        protectedBy: [{ rule: RULE, entries: 4, held: 3, near: 1 }],
      });
      expect(bench.report().filter(({ outcome }) => outcome === 'protected')).toMatchObject([
        { id: 'new-1', rule: RULE },
        { id: 'new%2F%C3%BCber.png', rule: RULE, near: true, entry: 'New/Über.png' },
        { id: 'ahead', rule: RULE },
      ]);
      const told = `${RULE}: 4 newer images, 3 IDs held, 1 of them spelled otherwise; drafts and images that the account’s list`;
      expect(result.stderr).toContain(told);
      const log = bench.read('run.log');
      expect(log).toMatch(/"event":"newer.finished".*"listed":6,"newer":4,"untold":0,"held":3/);
      expect(log).toContain('NEAR_PROTECTED');
      expect((await bench.run(['status', 'ids.csv.checkpoint'])).stdout).toContain(told);
    }));

  it('an image without a time of upload counts as newer; where the API’s clock is behind this one’s, its time counts', () =>
    withImages(async (bench) => {
      const images = [{ id: 'old-1' }, { id: 'old-2', uploaded: '2026-01-01T00:00:00Z' }];
      bench.simulator.override(({ rawUrl }) => {
        if (!isList(rawUrl)) return undefined;
        return { ...success({ images, continuation_token: null }), headers: { date: 'Thu, 08 Jan 2026 00:00:00 GMT' } };
      });
      bench.writeIds('ids.csv', ['old-1', 'old-2']);
      const result = await bench.delete(AGE);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sentTo(bench)).toEqual([]);
      expect(result.stderr).toContain('"untold":1');
    }));

  it('the longer of option and variable holds', () =>
    withImages(async (bench) => {
      bench.writeIds('ids.csv', ['old-1', 'old-2']);
      const env = { IMAGES_PURGE_PROTECT_NEWER_THAN: '60d' };
      expect((await bench.delete([...AGE, '--limit', '1'], { env })).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['old-1']);
      expect((await bench.delete(['--protect-newer-than', '1d', '--protect-newer-than', '2d'])).exitCode).toBe(2);
      expect((await bench.delete(['--protect-newer-than', '30'])).exitCode).toBe(2);
    }));
});

describe('the account’s list is read again', () => {
  it('where a run was given the option and refused by a guard: what protects stays in force, the guard does not', () =>
    withImages(async (bench) => {
      expect((await bench.delete(['--limit', '1'])).exitCode).toBe(8);
      expect((await bench.delete([...AGE, '--min-ids', '100'])).exitCode).toBe(7);
      expect((await bench.resume()).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['not-listed', 'old-1', 'old-2']);
    }));

  it('by each run: what was uploaded in between is kept, although resume is not told of it', () =>
    withImages(async (bench) => {
      expect((await bench.delete([...AGE, '--limit', '1'])).exitCode).toBe(8);
      expect(sentTo(bench)).toEqual(['old-1']);
      const renewed = [...IMAGES, { id: 'not-listed', uploaded: daysAgo(0) }];
      bench.simulator.override(pagesOfImages(renewed, 1_000));
      const result = await bench.resume();
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(['old-1', 'old-2']);
      expect(summaryOf(result)).toMatchObject({ intake: { protected: 4 }, protectedBy: [{ rule: RULE, entries: 5, held: 4 }] });
      const again = await bench.resume(['--retry-failed']);
      expect(again.exitCode).toBe(0);
    }));

  it('resume takes the option too, and a wider one is another rule', () =>
    withImages(async (bench) => {
      bench.writeIds('ids.csv', ['old-1', 'new-1', 'old-2']);
      expect((await bench.delete([...AGE, '--limit', '1'])).exitCode).toBe(8);
      const result = await bench.resume(['--protect-newer-than', '90d']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(['old-1']);
      expect(summaryOf(result)).toMatchObject({
        protectedBy: [
          { rule: RULE, held: 1 },
          { rule: '--protect-newer-than 90d', held: 1 },
        ],
      });
    }));

  it.each(['SIGTERM', 'SIGKILL'] as const)('after %s while it was read: nothing was sent, and the next run reads it again', (signal) =>
    withImages(async (bench) => {
      const hanging = new Promise<void>((resolve) =>
        bench.simulator.override(({ rawUrl }) => {
          if (!isList(rawUrl)) return undefined;
          resolve();
          return 'hang';
        }),
      );
      const running = bench.startDelete(AGE);
      await hanging;
      running.child.kill(signal);
      expect((await running.finished).exitCode).toBe(signal === 'SIGTERM' ? 143 : null);
      expect(sentTo(bench)).toEqual([]);
      bench.simulator.override(undefined);
      const next = await bench.resume(['--yes']);
      expect(next.exitCode, next.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(['not-listed', 'old-1', 'old-2']);
    }, withPurgeProcesses),
  );
});

describe('without the account’s list nothing is sent', () => {
  it.each([
    ['it may not be read', failure(403, 10000, 'Authentication error')],
    ['it is answered with errors alone', failure(500, 5500, 'Internal error')],
    ['what comes is no list', success({ images: 'none' })],
  ])('%s: exit 7; once it can be read the same command goes on', (_, answer) =>
    withImages(async (bench) => {
      bench.simulator.override(listAnswers(answer));
      const refused = await bench.delete([...AGE, '--max-attempts', '1']);
      expect(refused.exitCode, refused.stderr).toBe(7);
      expect(refused.stderr).toContain(`${RULE} cannot be kept`);
      expect(refused.stderr).toContain('LIST_UNREADABLE');
      expect(sentTo(bench)).toEqual([]);
      bench.simulator.override(undefined);
      expect((await bench.delete(AGE)).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['not-listed', 'old-1', 'old-2']);
    }),
  );

  it('an account without Images is exit 3, as elsewhere', () =>
    withImages(async (bench) => {
      bench.simulator.override(listAnswers(failure(403, 5403, 'The given account is not valid')));
      expect((await bench.delete(AGE)).exitCode).toBe(3);
      expect(sentTo(bench)).toEqual([]);
    }));
});

describe('--protect-newer-than and other options', () => {
  it('counts for --min-protected and --max-deletes, and the digest does not change by it', () =>
    withImages(async (bench) => {
      const refused = await bench.delete([...AGE, '--min-protected', '4']);
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toContain('hold 3 IDs of the source');
      expect(sentTo(bench)).toEqual([]);
      const dryRun = await bench.run(bench.deleteArgs('ids.csv', '--dry-run', '--json'));
      const { digest } = summaryOf(dryRun) as unknown as { readonly digest: string };
      const args = ['delete', 'ids.csv', '--rate', 'unlimited', '--json', '--base-url', bench.simulator.url];
      const result = await bench.run([...args, ...AGE, '--min-protected', '3', '--max-deletes', '3', '--confirm', digest]);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(summaryOf(result)).toMatchObject({ digest, outcomes: { deleted: 2, absent: 1 } });
    }));

  it('a plan and a dry run read no list: they say so, and judge no guard by it; the plan is carried out with it', () =>
    withImages(async (bench) => {
      const guards = [...AGE, '--min-protected', '3', '--max-deletes', '3'];
      const requests = bench.simulator.record.requestCount;
      const told = `Not checked ${guards.join(' ')}: the account's list is read when IDs are to be sent`;
      const dryRun = await bench.run(bench.deleteArgs('ids.csv', '--dry-run', ...guards));
      expect(dryRun.exitCode, dryRun.stderr).toBe(0);
      expect(dryRun.stderr).toContain(told);
      const plan = await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, ...guards]);
      expect(plan.exitCode, plan.stderr).toBe(0);
      expect(plan.stderr).toContain(told);
      expect(bench.simulator.record.requestCount).toBe(requests);
      expect((await bench.resume(['--yes'])).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['not-listed', 'old-1', 'old-2']);
    }));

  it('is not lost: a command that lacks it is exit 7 and names it; what is advised has it; --drop-guards drops it', () =>
    withImages(async (bench) => {
      const plan = ['plan', 'ids.csv', '--base-url', bench.simulator.url];
      expect((await bench.run([...plan, ...AGE])).exitCode).toBe(0);
      const weaker = await bench.run([...plan, '--protect-newer-than', '2d']);
      expect(weaker.exitCode).toBe(0);
      expect(weaker.stderr).toContain(`this command allows more than the purge at ids.csv.checkpoint did, which had ${RULE}`);
      const refused = await bench.delete();
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toContain('protected by --protect-newer-than 2d, which this command lacks');
      expect((await pasted(suggestedAfter('Give them again:', refused))).exitCode).toBe(0);
      expect(sentTo(bench)).not.toContain('new-1');

      bench.writeIds('ids.csv', ['new-1']);
      expect((await bench.run([...plan, ...AGE])).exitCode).toBe(0);
      expect((await bench.resume(['--yes', '--drop-guards'])).exitCode).toBe(0);
      expect(sentTo(bench)).toContain('new-1');
    }));

  it('an ID that was sent before it was protected is told as such: exit 1', () =>
    withImages(async (bench) => {
      bench.writeIds('ids.csv', ['old-1', 'not-listed']);
      const hanging = new Promise<void>((resolve) =>
        bench.simulator.override(({ id, method }) => {
          if (method !== 'DELETE' || id !== 'not-listed') return undefined;
          resolve();
          return 'hang';
        }),
      );
      const running = bench.startDelete(AGE);
      await hanging;
      running.child.kill('SIGKILL');
      await running.finished;
      bench.simulator.override(pagesOfImages([...IMAGES, { id: 'not-listed', uploaded: daysAgo(0) }], 1_000));
      const next = await bench.resume();
      expect(next.exitCode, next.stderr).toBe(1);
      expect(bench.report().find(({ id }) => id === 'not-listed')).toMatchObject({
        outcome: 'protected',
        rule: RULE,
        earlierUnknown: true,
      });
    }, withPurgeProcesses));
});
