import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { failure, throttled } from '../../../src/simulator/simulated-answers.ts';
import { TEST_TOKEN } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';
import { batchOptions, createGate, deletesOf, eventsOf, tokenRequestsOf } from '../../support/purge/traffic.ts';

const refusedToken = () => failure(403, 10000, 'Authentication error');

function statusesOf(bench: PurgeBench, token: string | undefined): (number | undefined)[] {
  return deletesOf(bench.simulator)
    .filter(({ lane }) => lane === token)
    .map(({ status }) => status);
}

const pipeReport = 'images-purge.checkpoint.report.ndjson';

describe('batch tokens', () => {
  it('are asked for with the account’s credentials, and everything is deleted with them on the batch host, on all of them alike', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      const ids = makeIds(120);
      bench.writeIds('ids.csv', ids);
      // Tokens come one after the other, at the account's pace: the first requests wait for the last of them.
      const allGiven = createGate();
      simulator.override(async ({ method }) => {
        if (simulator.batchTokens.length === 3) allGiven.open();
        if (method === 'DELETE') await allGiven.opened;
        return undefined;
      });
      const result = await bench.delete([...batchOptions(simulator, 3), '--rate', '100/s', '--concurrency', '9']);
      expect(result.exitCode).toBe(0);
      expect(simulator.record.deleted).toEqual(new Set(ids));
      expect(simulator.batchTokens).toHaveLength(3);
      expect(deletesOf(simulator).every(({ rawUrl }) => rawUrl.startsWith('/batch/images/v1/image-'))).toBe(true);
      for (const token of simulator.batchTokens) expect(statusesOf(bench, token).length).toBeGreaterThan(10);
      const onAccount = simulator.record.requests.filter(({ lane }) => lane === 'account').map(({ rawUrl }) => rawUrl.split('/').at(-1));
      expect(onAccount).toEqual(['stats', 'batch_token', 'batch_token', 'batch_token']);
      expect(summaryOf(result).run).toMatchObject({ deleted: 120, requests: 124 });
    }));

  it('are renewed ahead of their end: nothing is refused, and what is in flight on an old one is finished', () =>
    withPurge({ batchTokenLifetimeMs: 4_000 }, async (bench) => {
      const { simulator } = bench;
      const running = bench.startPipe([...batchOptions(simulator, 2), '--rate', '200/s']);
      const renewed = createGate();
      const held = createGate();
      simulator.override(async ({ id }) => {
        if (id !== 'image-000007') return undefined;
        held.open();
        await renewed.opened;
        return undefined;
      });
      running.child.stdin?.write(`${makeIds(40).join('\n')}\n`);
      await held.opened;
      await running.waitForStderr(/"lane.renewed"[^]*"lane.renewed"/);
      renewed.open();
      running.child.stdin?.end(`${makeIds(80).slice(40).join('\n')}\n`);
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(eventsOf(result.stderr, 'lane.renewed').map(({ why }) => why)).toEqual(['ahead', 'ahead']);
      expect(simulator.record.deleted.size).toBe(80);
      expect(deletesOf(simulator).every(({ status }) => status === 200)).toBe(true);
      // The one kept waiting was sent with an old token, once, and its answer counted.
      const [first, second, ...newer] = simulator.batchTokens;
      expect(
        simulator.record.requests.filter(({ id }) => id === 'image-000007').map(({ lane }) => lane === first || lane === second),
      ).toEqual([true]);
      expect(newer).toHaveLength(2);
      const late = simulator.record.requests.filter(({ id }) => id !== undefined && id >= 'image-000040');
      expect(late.every(({ lane }) => newer.includes(lane))).toBe(true);
      expect(bench.outcomes(pipeReport).size).toBe(80);
    }));

  it('that is refused is renewed once for all that it was refused for; nothing fails and no attempt is counted', () =>
    withPurge({ latencyMs: 5 }, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(300));
      const running = bench.startDelete([...batchOptions(simulator, 2), '--rate', '150/s', '--max-attempts', '1']);
      await simulator.whenRequests(60);
      const [first = ''] = simulator.batchTokens;
      simulator.revokeBatchToken(first);
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(eventsOf(result.stderr, 'lane.renewed')).toMatchObject([{ why: 'refused' }]);
      expect(tokenRequestsOf(simulator)).toHaveLength(3);
      expect(statusesOf(bench, first)).toContain(403);
      expect(statusesOf(bench, simulator.batchTokens[2]).length).toBeGreaterThan(0);
      expect(simulator.record.deleted.size).toBe(300);
      expect(bench.report().every(({ attempts }) => attempts === 1)).toBe(true);
    }));

  it('refused again right after its renewal closes its lane alone: the others do its work', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(600));
      const [good, ...bad] = [1, 0, 2];
      simulator.override(({ lane }) => (bad.some((index) => simulator.batchTokens[index] === lane) ? refusedToken() : undefined));
      const result = await bench.delete([...batchOptions(simulator, 2), '--rate', '150/s']);
      expect(result.exitCode).toBe(0);
      expect(eventsOf(result.stderr, 'lane.closed')).toMatchObject([{ why: 'its renewed token was refused as well' }]);
      expect(tokenRequestsOf(simulator)).toHaveLength(3);
      // A busy machine may well meet the simulator's own quota.
      expect(statusesOf(bench, simulator.batchTokens[good ?? 0]).every((status) => status === 200 || status === 429)).toBe(true);
      expect(simulator.record.deleted.size).toBe(600);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 600, failed: 0 }, pending: 0 });
    }));

  it('all of which are refused twice leave no lane: exit 3, nothing failed, and the account’s own quota goes on with it', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(50));
      simulator.override(({ lane }) => (lane === 'account' ? undefined : refusedToken()));
      const result = await bench.delete([...batchOptions(simulator, 2), '--rate', '150/s']);
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('there is no batch token that the API both issues and accepts');
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', outcomes: { deleted: 0, failed: 0 }, pending: 50 });
      expect(tokenRequestsOf(simulator)).toHaveLength(4);
      simulator.override(undefined);
      expect((await bench.resume()).exitCode).toBe(0);
      expect(simulator.record.deleted.size).toBe(50);
    }));

  it('the last of which is never given, after the others were refused twice, leave no lane: exit 3, nothing failed', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(50));
      const otherHasClosed = createGate();
      let asked = 0;
      simulator.override(async ({ lane, rawUrl }) => {
        if (lane !== 'account') return refusedToken();
        if (!rawUrl.endsWith('/batch_token') || ++asked !== 2) return undefined;
        await otherHasClosed.opened;
        return failure(400, 5400, 'too many tokens');
      });
      const running = bench.startDelete([...batchOptions(simulator, 2), '--rate', '150/s']);
      await running.waitForStderr(/"lane.closed"/);
      otherHasClosed.open();
      const result = await running.finished;
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toMatch(/there is no batch token.*too many tokens/);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 0, failed: 0 }, pending: 50 });
    }));

  it.each([
    ['the API gives none', failure(404, 5404, 'not found'), /there is no batch token.*not found/],
    ['the account’s credentials may not have them', failure(403, 10000, 'Authentication error'), /refused the credentials/],
    [
      'the answer holds none',
      { status: 200, headers: {}, body: '{"success":true,"errors":[],"messages":[],"result":{}}' },
      /there is no batch token/,
    ],
  ])('that are not to be had at the start, because %s: exit 3 with a message, no DELETE', (_, answer, message) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      bench.simulator.override(({ rawUrl }) => (rawUrl.endsWith('/batch_token') ? answer : undefined));
      const result = await bench.delete([...batchOptions(bench.simulator, 2), '--rate', '100/s']);
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toMatch(message);
      expect(summaryOf(result)).toMatchObject({ pending: 20, outcomes: { failed: 0 } });
      expect(bench.deleteCount).toBe(0);
      bench.simulator.override(undefined);
      expect((await bench.delete()).exitCode).toBe(0);
    }),
  );

  it('of which only some are to be had are used; those lanes without one close', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(60));
      let asked = 0;
      simulator.override(({ rawUrl }) =>
        rawUrl.endsWith('/batch_token') && ++asked !== 2 ? failure(400, 5400, 'too many tokens') : undefined,
      );
      const result = await bench.delete([...batchOptions(simulator, 3), '--rate', '100/s']);
      expect(result.exitCode).toBe(0);
      expect(eventsOf(result.stderr, 'lane.closed')).toHaveLength(2);
      expect(new Set(deletesOf(simulator).map(({ lane }) => lane)).size).toBe(1);
      expect(simulator.record.deleted.size).toBe(60);
    }));

  it('cannot be renewed with credentials that are refused by then: exit 3, nothing failed', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(300));
      const running = bench.startDelete([...batchOptions(simulator, 2), '--rate', '100/s']);
      await simulator.whenRequests(50);
      simulator.revokeToken();
      simulator.revokeBatchToken(simulator.batchTokens[0] ?? '');
      const result = await running.finished;
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('the API refused the credentials');
      const summary = summaryOf(result);
      expect(summary).toMatchObject({ state: 'unfinished', outcomes: { failed: 0 } });
      expect(summary.pending).toBe(300 - simulator.record.deleted.size);
    }));

  it('that are the same for several lanes are one quota: one lane uses it, the others close', () =>
    withPurge({ batchTokenCountMax: 1 }, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(60));
      const result = await bench.delete([...batchOptions(simulator, 3), '--rate', '100/s']);
      expect(result.exitCode).toBe(0);
      expect(eventsOf(result.stderr, 'lane.closed').map(({ why }) => why)).toEqual(
        Array.from({ length: 2 }, () => 'the API gave a token that another lane has already'),
      );
      expect(simulator.record.deleted.size).toBe(60);
      expect(simulator.record.throttledCount).toBe(0);
    }));

  it('given again after it was refused is no renewal: the lane closes, and none is left', () =>
    withPurge({ batchTokenCountMax: 1 }, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(300));
      const running = bench.startDelete([...batchOptions(simulator, 1), '--rate', '100/s']);
      await simulator.whenRequests(30);
      simulator.revokeBatchToken(simulator.batchTokens[0] ?? '');
      const result = await running.finished;
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('the API gave the same again');
      expect(summaryOf(result)).toMatchObject({ outcomes: { failed: 0 }, pending: 300 - simulator.record.deleted.size });
    }));

  it('of which none is left end the run whole, though a 429 comes after the last', () =>
    withPurge({ batchTokenCountMax: 1 }, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(30));
      const [areTwoSent, isClosed] = [createGate(), createGate()];
      let sent = 0;
      simulator.override(async ({ method }) => {
        if (method !== 'DELETE') return undefined;
        if (++sent !== 2) {
          await areTwoSent.opened;
          return refusedToken();
        }
        areTwoSent.open();
        await isClosed.opened;
        return throttled(1);
      });
      const running = bench.startDelete([...batchOptions(simulator, 1), '--rate', '100/s']);
      await running.waitForStderr(/"lane.closed"/);
      isClosed.open();
      const result = await running.finished;
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('the API gave the same again');
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', outcomes: { failed: 0 }, pending: 30 });
    }));

  it.each([
    ['a lane that the API asks to wait two hours is the last', 0],
    ['the last lane needs a token that the API asks to wait two hours for', 1],
  ])('where %s: the run ends at once and says when to go on', (_, revokedLast) =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(3_000));
      let tokensAsked = 0;
      simulator.override(({ rawUrl, lane, method }) => {
        if (rawUrl.endsWith('/batch_token') && ++tokensAsked > 2)
          return revokedLast === 1 ? throttled(7_200) : failure(400, 5400, 'too many tokens');
        return revokedLast === 0 && method === 'DELETE' && simulator.batchTokens.length === 2 && lane === simulator.batchTokens[0]
          ? throttled(7_200)
          : undefined;
      });
      const running = bench.startDelete([...batchOptions(simulator, 2), '--rate', '100/s', '--give-up-after', '10m']);
      if (revokedLast === 1) {
        await simulator.whenRequests(100);
        simulator.revokeBatchToken(simulator.batchTokens[0] ?? '');
      }
      await running.waitForStderr(/"lane.throttled"/);
      simulator.revokeBatchToken(simulator.batchTokens[1] ?? '');
      const result = await running.finished;
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toMatch(/the API asks to wait .*Go on after /s);
      expect(summaryOf(result)).toMatchObject({ outcomes: { failed: 0 }, pending: 3_000 - simulator.record.deleted.size });
    }),
  );

  it('appear nowhere: not on stdout or stderr, in no log, report or checkpoint, though the API’s messages hold them', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(60));
      simulator.override(({ id, lane }) => {
        if (id === undefined || id >= 'image-000030') return undefined;
        if (id >= 'image-000020') return failure(500, 5500, `token ${lane} met an error`);
        // Refused once, with what the server got; then as the image's own fault.
        return lane === simulator.batchTokens[0]
          ? failure(403, 10000, `token ${lane} is not valid`)
          : failure(400, 5400, `${lane} may not delete this`);
      });
      const options = [...batchOptions(simulator, 2), '--rate', '150/s', '--max-attempts', '2', '--log-level', 'trace'];
      const first = await bench.delete([...options, '--log-file', 'run.log']);
      expect(first.exitCode).toBe(1);
      const second = await bench.resume([...options, '--retry-failed', '--report', 'second.ndjson']);
      expect(second.exitCode).toBe(1);
      const status = await bench.run(['status', 'ids.csv.checkpoint']);
      const report = await bench.run(['report', 'ids.csv.checkpoint', '--format', 'csv']);
      const texts = [first, second, status, report].flatMap(({ stdout, stderr }) => [stdout, stderr]);
      const files = readdirSync(bench.folder).map((name) => readFileSync(bench.path(name), 'latin1'));
      expect(simulator.batchTokens.length).toBeGreaterThanOrEqual(5);
      expect(bench.read('run.log')).toContain('"item.failed"');
      for (const secret of new Set([...simulator.batchTokens, TEST_TOKEN])) {
        for (const text of [...texts, ...files]) expect(text.includes(secret)).toBe(false);
      }
    }));
});
