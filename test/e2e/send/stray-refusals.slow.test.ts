import { describe, expect, it } from 'vitest';

import { CONFIRM_DELAY_MS_FIRST } from '../../../src/connect/refusals.ts';
import type { Clock } from '../../../src/domain/clock.ts';
import { failure, htmlPage, noSuchRoute, type SimulatedAnswer } from '../../../src/simulator/simulated-answers.ts';
import type { CliResult } from '../../support/cli/cli.ts';
import { runInProcess } from '../../support/cli/in-process.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';
import { batchOptions, createGate, deletesOf, eventsOf, tokenRequestsOf } from '../../support/purge/traffic.ts';

const forbidden = (): SimulatedAnswer => failure(403, 10000, 'Forbidden');
const redirect = (): SimulatedAnswer => ({ status: 302, headers: { location: 'https://login.example/' }, body: '' });

/** Each stop row that may be a mistake. */
const ROWS: readonly [string, () => SimulatedAnswer][] = [
  ['403 with code 10000', forbidden],
  ['400 with code 6003', () => failure(400, 6003, 'Invalid request headers')],
  ['403 in the envelope without a code that is known', () => failure(403, 1, 'no permission')],
  ['404 with code 7003', () => failure(404, 7003, 'Could not route to /accounts')],
  ['404 with code 7000', noSuchRoute],
  ['a 401 page', () => htmlPage(401, 'Sign in')],
  ['a 404 page', () => htmlPage(404, 'Not Found')],
  ['a redirect', redirect],
  ['407', () => htmlPage(407, 'Proxy Authentication Required')],
];

/** The time before a refusal is confirmed passes at once; all else takes its time. */
function hurried(clock: Clock): Clock {
  return { ...clock, sleep: (ms, signal) => clock.sleep(ms === CONFIRM_DELAY_MS_FIRST ? 1 : ms, signal) };
}

/** `delete ids.csv`, or what is given, where nobody waits for a confirmation. */
function hurry(bench: PurgeBench, more: readonly string[] = [], args = bench.deleteArgs('ids.csv')): Promise<CliResult> {
  return runInProcess([...args, '--json', ...more], { cwd: bench.folder, clock: hurried });
}

const kindsOf = ({ stderr }: CliResult): string[] =>
  ['refusal.doubted', 'refusal.unanswered', 'refusal.passed'].flatMap((kind) => eventsOf(stderr, kind).map(() => kind));

/** The n-th DELETE, once: whatever is asked for it the next time is answered. */
function onceAt(count: number, answer: () => SimulatedAnswer): (request: { readonly method: string }) => SimulatedAnswer | undefined {
  let deletes = 0;
  return ({ method }) => (method === 'DELETE' && ++deletes === count ? answer() : undefined);
}

function expectAllDeletedOnce(bench: PurgeBench, ids: readonly string[], result: CliResult): void {
  expect(result.exitCode, result.stderr).toBe(0);
  expect(summaryOf(result)).toMatchObject({ state: 'finished', outcomes: { deleted: ids.length, absent: 0, failed: 0 }, pending: 0 });
  expect(bench.simulator.record.deleted).toEqual(new Set(ids));
  expect([...bench.outcomes().values()].every((outcome) => outcome === 'deleted')).toBe(true);
  expect(bench.report().every(({ attempts, earlierUnknown }) => attempts === 1 && earlierUnknown !== true)).toBe(true);
}

describe('one refusal among good answers', () => {
  it.each(ROWS)('(%s) is asked about again, and the run goes on: every ID is deleted, once', (_, answer) =>
    withPurge({}, async (bench) => {
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      bench.simulator.override(onceAt(100, answer));
      const result = await hurry(bench);
      expectAllDeletedOnce(bench, ids, result);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.passed']);
      expect(bench.deleteCount).toBe(201);
      const refused = deletesOf(bench.simulator).find(({ status }) => status !== 200);
      const afterStats = bench.simulator.record.requests.findLastIndex(({ rawUrl }) => rawUrl.endsWith('/stats'));
      expect(afterStats).toBeGreaterThan(0);
      expect(bench.simulator.record.requests[afterStats + 1]?.id).toBe(refused?.id);
    }),
  );

  it('is confirmed by the same ID alone where stats were never permitted', () =>
    withPurge({ isStatsPermitted: false }, async (bench) => {
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      bench.simulator.override(onceAt(100, forbidden));
      const result = await hurry(bench);
      expectAllDeletedOnce(bench, ids, result);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.passed']);
      expect(bench.simulator.record.requests.filter(({ rawUrl }) => rawUrl.endsWith('/stats'))).toHaveLength(1);
    }));

  it('is one where all sixteen in flight are refused in one moment', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      const areAllIn = createGate();
      let deletes = 0;
      bench.simulator.override(async ({ method }) => {
        if (method !== 'DELETE') return undefined;
        const count = ++deletes;
        if (count <= 100 || count > 116) return undefined;
        if (count === 116) areAllIn.open();
        await areAllIn.opened;
        return forbidden();
      });
      const result = await hurry(bench);
      expectAllDeletedOnce(bench, ids, result);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.passed']);
      expect(bench.deleteCount).toBe(216);
    }));

  it('in each 40th answer, as the simulator plays it, ends the run with the fifth; the same command finishes', () =>
    withPurge({ strayRefusalEach: 40 }, async (bench) => {
      const ids = makeIds(300);
      bench.writeIds('ids.csv', ids);
      const first = await hurry(bench, ['--concurrency', '1']);
      expect(first.exitCode).toBe(3);
      expect(kindsOf(first).filter((kind) => kind === 'refusal.passed')).toHaveLength(4);
      expect(first.stderr).toContain('It was the fifth refusal within an hour');
      expect(summaryOf(first)).toMatchObject({ outcomes: { deleted: 195, failed: 0 }, pending: 105 });
      const second = await hurry(bench, ['--concurrency', '1']);
      expect(second.exitCode).toBe(0);
      expect(bench.simulator.record.deleted).toEqual(new Set(ids));
      expect(bench.outcomes().size).toBe(300);
      expect(bench.deleteCount).toBe(300 + 7);
    }));
});

describe('a refusal that lasts', () => {
  it.each(ROWS)('(%s) ends the run once it is confirmed; nothing failed, and the same command finishes', (_, answer) =>
    withPurge({}, async (bench) => {
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      let deletes = 0;
      bench.simulator.override(({ method }) => (method === 'DELETE' && ++deletes > 100 ? answer() : undefined));
      const result = await hurry(bench);
      expect(result.exitCode).toBe(3);
      expect(kindsOf(result)).toEqual(['refusal.doubted']);
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', outcomes: { deleted: 100, failed: 0 }, pending: 100 });
      expect(result.stderr).toContain('Asked again after some seconds, it refused again.');
      expect(result.stderr).toMatch(/100 IDs were deleted with these credentials in this run, the last on /);
      // Those in flight, and the one that confirmed.
      expect(bench.deleteCount).toBeLessThanOrEqual(100 + 16 + 1);
      bench.simulator.override(undefined);
      const second = await hurry(bench);
      expect(second.exitCode).toBe(0);
      expect(bench.simulator.record.deleted).toEqual(new Set(ids));
      expect(bench.outcomes().size).toBe(200);
    }),
  );

  it('for stats, too, ends the run without another DELETE: the token was revoked', () =>
    withPurge({ tokenRevokedAfter: 100 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(200));
      const result = await hurry(bench, ['--concurrency', '4']);
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('Since then the token was revoked');
      expect(result.stderr).not.toContain('most likely lack');
      const { requests } = bench.simulator.record;
      expect(requests.at(-1)?.rawUrl).toMatch(/\/stats$/);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 99, failed: 0 }, pending: 101 });
    }));

  it('comes before the first deletion: ends the run at once', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(50));
      bench.simulator.override(({ method }) => (method === 'DELETE' ? forbidden() : undefined));
      const result = await bench.delete(['--concurrency', '1']);
      expect(result.exitCode).toBe(3);
      expect(kindsOf(result)).toEqual([]);
      expect(bench.deleteCount).toBe(1);
      expect(result.stderr).toContain('most likely lack "Images Write"');
    }));

  it('after deletions of an earlier run is confirmed', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(100);
      bench.writeIds('ids.csv', ids);
      expect((await hurry(bench, ['--limit', '50'])).exitCode).toBe(8);
      bench.simulator.override(onceAt(1, forbidden));
      const result = await hurry(bench);
      expectAllDeletedOnce(bench, ids, result);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.passed']);
    }));

  it('is stats’ own at the beginning of such a run: asked again, too', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(100);
      bench.writeIds('ids.csv', ids);
      expect((await hurry(bench, ['--limit', '50'])).exitCode).toBe(8);
      let stats = 0;
      bench.simulator.override(({ rawUrl }) => (rawUrl.endsWith('/stats') && ++stats === 1 ? redirect() : undefined));
      const result = await hurry(bench);
      expectAllDeletedOnce(bench, ids, result);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.passed']);
      expect(stats).toBe(2);
    }));

  it.each([
    [5403, 403, 'Images is no longer enabled'],
    [9109, 403, 'Do not try again with it'],
    [10502, 429, 'Wait 15 min, as the API asks, and do not try in a loop'],
  ])('with code %i ends the run at once, whatever was deleted before', (code, status, text) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(200));
      bench.simulator.override(onceAt(100, () => failure(status, code, 'no', { 'retry-after': '900' })));
      const result = await bench.delete(['--concurrency', '1']);
      expect(result.exitCode).toBe(3);
      expect(kindsOf(result)).toEqual([]);
      expect(bench.deleteCount).toBe(100);
      expect(result.stderr).toContain(text);
    }),
  );
});

describe('a confirmation', () => {
  it('that meets failures is no refusal, and not well either: it is asked again, and only its own ID counts an attempt', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(120);
      bench.writeIds('ids.csv', ids);
      let deletes = 0;
      bench.simulator.override(({ method }) => {
        if (method !== 'DELETE') return undefined;
        deletes++;
        return deletes === 100 ? forbidden() : deletes === 101 ? htmlPage(503, 'busy') : undefined;
      });
      const clock = (real: Clock): Clock => ({ ...real, sleep: (ms, signal) => real.sleep(ms >= 5_000 && ms <= 10_000 ? 1 : ms, signal) });
      const result = await runInProcess([...bench.deleteArgs('ids.csv'), '--json', '--concurrency', '1'], { cwd: bench.folder, clock });
      expect(result.exitCode, result.stderr).toBe(0);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.unanswered', 'refusal.passed']);
      expect(bench.simulator.record.deleted).toEqual(new Set(ids));
      expect(
        bench
          .report()
          .map(({ attempts }) => attempts)
          .filter((attempts) => attempts !== 1),
      ).toEqual([2]);
    }));

  it('that is asked to wait for longer than --give-up-after ends the run with 4, at once, and nothing is marked failed', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(200));
      let deletes = 0;
      bench.simulator.override(({ method }) => {
        if (method === 'DELETE' && ++deletes === 100) return forbidden();
        return deletes < 100 ? undefined : { ...htmlPage(503, 'busy'), headers: { 'retry-after': '300' } };
      });
      const result = await hurry(bench, ['--concurrency', '1', '--give-up-after', '1m']);
      expect(result.exitCode, result.stderr).toBe(4);
      expect(result.stderr).toContain('the API asks to wait 5 min');
      expect(bench.deleteCount).toBe(100);
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', outcomes: { deleted: 99, failed: 0 }, pending: 101 });
    }));

  it('that a signal comes into asks nothing more: its exit code, at once, and all that was not answered is pending', () =>
    withPurgeProcesses({}, async (bench) => {
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      bench.simulator.override(onceAt(100, forbidden));
      const running = bench.startDelete(['--concurrency', '1']);
      await running.waitForStderr(/"refusal.doubted"/);
      running.child.kill('SIGTERM');
      const result = await running.finished;
      expect(result.exitCode).toBe(143);
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', outcomes: { deleted: 99, failed: 0 }, pending: 101 });
      expect(bench.deleteCount).toBe(100);
      bench.simulator.override(undefined);
      const second = await bench.delete();
      expect(second.exitCode).toBe(0);
      expect(bench.deleteCount).toBe(201);
      expect(bench.outcomes().size).toBe(200);
    }));
});

describe('on batch lanes', () => {
  it.each([
    ['a redirect', redirect],
    ['404 with code 7003', () => failure(404, 7003, 'Could not route')],
  ])('%s is asked about with a renewed token, and the run goes on', (_, answer) =>
    withPurge({ batchTokenRate: 1_000_000 }, async (bench) => {
      const { simulator } = bench;
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      simulator.override(onceAt(100, answer));
      const result = await hurry(bench, batchOptions(simulator, 2));
      expectAllDeletedOnce(bench, ids, result);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.passed']);
      expect(tokenRequestsOf(simulator)).toHaveLength(3);
      const refused = deletesOf(simulator).find(({ status }) => status === answer().status);
      const again = deletesOf(simulator).find(({ id, status }) => id === refused?.id && status === 200);
      expect(again?.lane).toBe(simulator.batchTokens[2]);
    }),
  );

  it('a token that is refused by mistake, and given again, ends nothing: the last lane is confirmed before it closes', () =>
    withPurge({ batchTokenCountMax: 1 }, async (bench) => {
      const { simulator } = bench;
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      simulator.override(onceAt(100, forbidden));
      const result = await hurry(bench, batchOptions(simulator, 1));
      expectAllDeletedOnce(bench, ids, result);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.passed']);
    }));

  it('a refusal of the account’s own credentials by mistake, as a token is renewed, is asked about again', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      let [deletes, tokens] = [0, 0];
      simulator.override(({ method, rawUrl }) => {
        if (rawUrl.endsWith('/batch_token')) return ++tokens === 2 ? forbidden() : undefined;
        return method === 'DELETE' && ++deletes === 100 ? forbidden() : undefined;
      });
      const result = await hurry(bench, batchOptions(simulator, 1));
      expectAllDeletedOnce(bench, ids, result);
      expect(tokens).toBe(3);
      expect(kindsOf(result)).toEqual(['refusal.doubted', 'refusal.passed']);
    }));

  it('the end of all work before that was asked again ends the run as always: what failed by itself is recorded', () =>
    withPurgeProcesses({ batchTokenLifetimeMs: 3_000 }, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(30));
      const isDoubted = createGate();
      let [deletes, tokens] = [0, 0];
      simulator.override(async ({ method, rawUrl }) => {
        if (rawUrl.endsWith('/batch_token')) return ++tokens === 2 ? forbidden() : undefined;
        if (method !== 'DELETE' || ++deletes <= 20) return undefined;
        await isDoubted.opened;
        return failure(404, 1, 'no such thing');
      });
      const running = bench.startDelete([...batchOptions(simulator, 1), '--concurrency', '10']);
      await running.waitForStderr(/"refusal.doubted"/);
      isDoubted.open();
      const result = await running.finished;
      expect(result.exitCode, result.stderr).toBe(1);
      expect(summaryOf(result)).toMatchObject({ state: 'finished', outcomes: { deleted: 20, failed: 10 }, pending: 0 });
    }));
});
