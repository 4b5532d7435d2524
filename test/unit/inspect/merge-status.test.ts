import { describe, expect, it } from 'vitest';

import type { Shard } from '../../../src/domain/shard.ts';
import type { PurgeFacts } from '../../../src/domain/summary.ts';
import { mergeStatuses, type ShardStatus } from '../../../src/inspect/merge-status.ts';
import type { CheckpointStatus } from '../../../src/inspect/checkpoint-status.ts';
import * as fc from '../../support/fast-check.ts';
import { NO_RUN } from '../../support/ledger/checkpoint.ts';

const INTAKE: PurgeFacts['intake'] = {
  complete: true,
  rows: 0,
  accepted: 0,
  duplicates: 0,
  protected: 0,
  rejected: 0,
  skipped: 0,
  suspicious: {},
};

interface Given {
  readonly shard?: Shard | null;
  readonly sources?: ShardStatus['sources'];
  readonly intake?: Partial<PurgeFacts['intake']>;
  readonly purge?: Partial<PurgeFacts>;
  readonly status?: Partial<CheckpointStatus>;
}

function shardStatus({ shard = null, sources = [], intake, purge, status }: Given): ShardStatus {
  return {
    shard,
    sources,
    status: {
      purge: {
        job: 'job-1',
        state: 'finished',
        account: 'account-1',
        baseUrl: 'https://api.example.com',
        digest: '1a2b3c4d5e6f',
        note: null,
        sources: [],
        intake: { ...INTAKE, ...intake },
        protectedBy: [],
        backupFolders: [],
        outcomes: { deleted: 0, absent: 0, failed: 0, planned: 0 },
        pending: 0,
        run: NO_RUN,
        ...purge,
      },
      lastEnd: undefined,
      missingShards: [],
      checkpointPaths: ['a.checkpoint'],
      nextCommand: 'images-purge resume a.checkpoint',
      isRunning: false,
      lastWorkedAtMs: 0,
      ratePerSecond: 0,
      etaMs: undefined,
      lastErrors: [],
      ...status,
    },
  };
}

function merged(first: Given, ...others: readonly Given[]): CheckpointStatus {
  return mergeStatuses([shardStatus(first), ...others.map(shardStatus)]);
}

const of = (index: number, count: number): { shard: Shard } => ({ shard: { index, count } });
const errorAt = (atMs: number): CheckpointStatus['lastErrors'][number] => ({
  id: `id-${atMs}`,
  atMs,
  httpStatus: 500,
  code: undefined,
  message: undefined,
});

describe('the status of several checkpoints', () => {
  it('is that of the one where there is but one', () => {
    const only = shardStatus({ ...of(0, 4), status: { lastErrors: Array.from({ length: 9 }, (_, n) => errorAt(n)) } });
    expect(mergeStatuses([only])).toBe(only.status);
  });

  it('adds up outcomes, what is pending, requests and rates, and takes the longest of times', () => {
    const run = (n: number): PurgeFacts['run'] => ({
      deleted: n,
      absent: 2 * n,
      failed: 3 * n,
      requests: 4 * n,
      retries: 5 * n,
      throttled: 6 * n,
      elapsedMs: 1_000 * n,
      ratePerSecond: 0.1 * n,
    });
    const outcomes = (n: number): PurgeFacts['outcomes'] => ({ deleted: n, absent: 2 * n, failed: 3 * n, planned: 4 * n });
    const given = [1, 2].map((n): Given => ({
      ...of(n - 1, 2),
      purge: { job: `job-${n}`, outcomes: outcomes(n), pending: 7 * n, run: run(n) },
      status: { checkpointPaths: [`${n}.checkpoint`], ratePerSecond: 0.1 * n, lastWorkedAtMs: 50 - n, etaMs: 100 * n },
    }));
    expect(merged(given[0] ?? {}, given[1] ?? {})).toMatchObject({
      purge: {
        job: 'job-1,job-2',
        account: 'account-1',
        outcomes: outcomes(3),
        pending: 21,
        run: { ...run(3), elapsedMs: 2_000, ratePerSecond: 0.3 },
      },
      checkpointPaths: ['1.checkpoint', '2.checkpoint'],
      lastWorkedAtMs: 49,
      etaMs: 200,
    });
  });

  it('is as far as the one that is least far', () => {
    const states = ['planned', 'unfinished', 'finished'] as const;
    const state = (...all: readonly PurgeFacts['state'][]): string => {
      const [first, ...others] = all.map((one): Given => ({ purge: { state: one } }));
      return merged(first ?? {}, ...others).purge.state;
    };
    for (const one of states) expect(state(one, one, one)).toBe(one);
    expect(state('finished', 'planned', 'finished')).toBe('planned');
    expect(state('finished', 'planned', 'unfinished')).toBe('unfinished');
    expect(state('finished', 'finished', 'unfinished')).toBe('unfinished');
  });

  it('is running while one of them is, and tells no time left where none is known', () => {
    expect(merged({}, { status: { isRunning: true } }).isRunning).toBe(true);
    expect(merged({}, {})).toMatchObject({ isRunning: false, etaMs: undefined });
    expect(merged({ status: { etaMs: 5 } }, {}).etaMs).toBe(5);
  });

  it('shows the five newest errors of all, the newest first', () => {
    const { lastErrors } = merged(
      { status: { lastErrors: [9, 7, 5, 3, 1].map(errorAt) } },
      { status: { lastErrors: [8, 2].map(errorAt) } },
    );
    expect(lastErrors.map(({ atMs }) => atMs)).toEqual([9, 8, 7, 5, 3]);
  });
});

describe('rows of several checkpoints', () => {
  const third = { rows: 100, rejected: 4, skipped: 60, accepted: 30, duplicates: 5, protected: 1 };

  it('that are all shards of one list count once, and nothing of it is skipped', () => {
    const shards = [
      { ...of(0, 3), intake: { ...third } },
      { ...of(1, 3), intake: { ...third, skipped: 66, accepted: 24 } },
      { ...of(2, 3), intake: { ...third, skipped: 66, accepted: 30, duplicates: 0, protected: 0 } },
    ] as const;
    expect(merged(...shards).purge.intake).toEqual({
      complete: true,
      rows: 100,
      accepted: 84,
      duplicates: 10,
      protected: 2,
      rejected: 4,
      skipped: 0,
      suspicious: {},
    });
  });

  it('that are some shards of one list leave those of the others skipped', () => {
    expect(merged({ ...of(0, 3), intake: third }, { ...of(2, 3), intake: third }).purge.intake).toMatchObject({
      rows: 100,
      accepted: 60,
      rejected: 4,
      skipped: 24,
      suspicious: {},
    });
  });

  it('of shards still being read are those of the one that has read most, and no fewer than are accounted for', () => {
    const reading = merged(
      { ...of(0, 2), intake: { ...third, complete: false } },
      { ...of(1, 2), intake: { ...third, rows: 40, rejected: 0, skipped: 0, accepted: 40, duplicates: 0, protected: 0 } },
    );
    expect(reading.purge.intake).toEqual({
      complete: false,
      rows: 100,
      accepted: 70,
      duplicates: 5,
      protected: 1,
      rejected: 4,
      skipped: 20,
      suspicious: {},
    });
    const most = { ...INTAKE, rows: 50, accepted: 50 };
    expect(
      merged({ ...of(0, 2), intake: most }, { ...of(1, 2), intake: { ...most, accepted: 49, rejected: 1 } }).purge.intake,
    ).toMatchObject({ rows: 100, skipped: 0 });
  });

  it.each([
    ['no shards', null, null],
    ['shards of different counts', { index: 0, count: 2 }, { index: 1, count: 3 }],
    ['the same shard twice', { index: 0, count: 2 }, { index: 0, count: 2 }],
    ['a shard and a whole', { index: 0, count: 2 }, null],
  ])('of %s are different rows', (_, one, two) => {
    expect(merged({ shard: one, intake: third }, { shard: two, intake: third }).purge.intake).toEqual({
      complete: true,
      rows: 200,
      accepted: 60,
      duplicates: 10,
      protected: 2,
      rejected: 8,
      skipped: 120,
      suspicious: {},
    });
  });

  it('of shards that have read different sources are different rows, and the same where one has not read its source to the end', () => {
    const read = (content: number | undefined): Pick<Given, 'sources'> => ({
      sources: [
        {
          path: 'ids.csv',
          absolutePath: '/data/ids.csv',
          isGone: false,
          opened: undefined,
          sizeBytes: 1,
          sha256: content === undefined ? undefined : Uint8Array.of(content),
          counts: undefined,
        },
      ],
    });
    const rowsOf = (one: number | undefined, two: number | undefined): number =>
      merged({ ...of(0, 2), ...read(one), intake: third }, { ...of(1, 2), ...read(two), intake: third }).purge.intake.rows;
    expect([rowsOf(1, 1), rowsOf(1, undefined), rowsOf(1, 2)]).toEqual([100, 100, 200]);
  });

  it('always add up: rows are accepted, duplicates, protected, rejected or skipped', () => {
    const count = fc.nat({ max: 1_000 });
    const given = fc.record({
      shard: fc.option(fc.record({ index: fc.nat({ max: 3 }), count: fc.constant(4) })),
      counts: fc.record({ accepted: count, duplicates: count, protected: count, rejected: count, skipped: count }),
    });
    fc.assert(
      fc.property(given, fc.array(given, { maxLength: 4 }), (first, others) => {
        const toGiven = ({ shard, counts }: typeof first): Given => ({
          shard,
          intake: { ...counts, rows: Object.values(counts).reduce((sum, one) => sum + one, 0) },
        });
        const {
          rows,
          accepted,
          duplicates,
          protected: ofProtected,
          rejected,
          skipped,
        } = merged(toGiven(first), ...others.map(toGiven)).purge.intake;
        expect(accepted + duplicates + ofProtected + rejected + skipped).toBe(rows);
        expect(skipped).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
