import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import type { Summary } from '../../../src/domain/summary.ts';
import { type EndingInput, endingText } from '../../../src/report/summary-text.ts';

const SUMMARY: Summary = {
  job: 'job',
  state: 'finished',
  account: '0123',
  baseUrl: BASE_URL_DEFAULT,
  digest: '1a2b3c4d5e6f',
  note: null,
  sources: [{ path: 'old.csv', rows: 301_307, accepted: 301_245 }],
  intake: { complete: true, rows: 301_307, accepted: 301_245, duplicates: 51, protected: 8, rejected: 3, skipped: 0, suspicious: {} },
  protectedBy: [],
  backupFolders: [],
  outcomes: { deleted: 300_881, absent: 359, failed: 5, planned: 0 },
  pending: 0,
  run: { deleted: 300_881, absent: 359, failed: 5, requests: 301_260, retries: 15, throttled: 1, elapsedMs: 153_000, ratePerSecond: 1_969 },
  exitCode: 1,
  endedBecause: 'finished',
  error: null,
};
const INPUT: EndingInput = {
  exitCode: 1,
  summary: SUMMARY,
  hasError: false,
  absentFailures: 0,
  absentWarning: undefined,
  quotaUse: { batchLaneCount: 10, usedShare: 0.986 },
  endedBecause: 'finished',
  checkpointPath: 'old.csv.checkpoint',
  nextCommand: 'images-purge resume old.csv.checkpoint',
  reportPath: 'old.csv.checkpoint.report.ndjson',
  failureKinds: [{ count: 5, httpStatus: 400, code: 5400, message: 'Bad request' }],
};

function ending(summary: Partial<Summary>, input: Partial<EndingInput> = {}): string[] {
  return endingText({ ...INPUT, summary: { ...SUMMARY, ...summary }, ...input }).split('\n');
}

const UNFINISHED: Partial<Summary> = {
  state: 'unfinished',
  outcomes: { deleted: 114_181, absent: 353, failed: 0, planned: 0 },
  pending: 186_711,
};
const NOTHING_DONE = { deleted: 0, absent: 0, failed: 0, planned: 0 };

describe('the end of a purge', () => {
  it('tells what is gone, what failed and why, what to do next, where the report is, and the exit code', () => {
    expect(endingText(INPUT)).toBe(
      [
        'Done in 2 min 33 s: 300,881 of 301,245 IDs deleted, 359 were absent, 5 failed.',
        '  source   old.csv: 301,307 rows, 301,245 IDs accepted',
        '  passed over  duplicates 51, protected 8, rejected 3',
        '  quota    10 batch lanes, 98.6 % of --rate used, throttled once',
        '  failed   5 × 400/5400 "Bad request"',
        `To see the failed IDs:  images-purge report ${resolve('old.csv.checkpoint')} --outcome failed`,
        'To try them again:      images-purge resume old.csv.checkpoint',
        'Report: old.csv.checkpoint.report.ndjson   exit 1',
        '',
      ].join('\n'),
    );
  });

  it('that went well says no more than that', () => {
    const text = ending(
      {
        intake: { complete: true, rows: 2, accepted: 2, duplicates: 0, protected: 0, rejected: 0, skipped: 0, suspicious: {} },
        outcomes: { ...NOTHING_DONE, deleted: 2 },
        sources: [{ path: 'old.csv', rows: 2, accepted: 2 }],
        run: { ...SUMMARY.run, throttled: 0, elapsedMs: 40 },
      },
      { exitCode: 0, failureKinds: [], reportPath: '-', quotaUse: undefined },
    );
    expect(text).toEqual(['Done in 40 ms: 2 of 2 IDs deleted.', '  source   old.csv: 2 rows, 2 IDs accepted', 'exit 0', '']);
  });

  it.each([
    [1, '  quota    throttled once'],
    [1_234, '  quota    throttled 1,234 times'],
  ])('throttled %i times says so', (throttled, line) =>
    expect(ending({ run: { ...SUMMARY.run, throttled } }, { quotaUse: undefined })).toContain(line),
  );

  it.each([
    [0, '  quota    98.6 % of --rate used'],
    [1, '  quota    1 batch lane, 98.6 % of --rate used'],
    [2, '  quota    2 batch lanes, 98.6 % of --rate used'],
  ])('over %i batch lanes says how much of the quota was used', (batchLaneCount, line) =>
    expect(ending({ run: { ...SUMMARY.run, throttled: 0 } }, { quotaUse: { batchLaneCount, usedShare: 0.986 } })).toContain(line),
  );

  it('counts the rows that were passed over, each kind only where there are any', () => {
    const passedOver = (rejected: number): string | undefined =>
      ending({ intake: { ...SUMMARY.intake, duplicates: 100, protected: 20, rejected, skipped: 1_000 } })[2];
    expect(passedOver(3)).toBe('  passed over  duplicates 100, protected 20, rejected 3, skipped 1,000');
    expect(passedOver(0)).toBe('  passed over  duplicates 100, protected 20, skipped 1,000');
  });

  it('names another API root than Cloudflare’s first, however the run went', () => {
    const baseUrl = 'http://127.0.0.1:8787/client/v4';
    for (const summary of [{ baseUrl }, { ...UNFINISHED, baseUrl }, { baseUrl, state: 'planned' as const }])
      expect(ending(summary)[0]).toBe(`API root: ${baseUrl}, which is not Cloudflare's (--base-url, CLOUDFLARE_BASE_URL)`);
    expect(ending({}).join('')).not.toContain('API root');
  });

  it('does not call a list done that was not read to its end', () => {
    const summary = {
      ...UNFINISHED,
      pending: 0,
      intake: { ...SUMMARY.intake, accepted: 2, complete: false },
      outcomes: { ...NOTHING_DONE, deleted: 2 },
    };
    const text = '2 of 2 IDs read so far deleted, 0 are left of these; the list was not read to its end, so there may be more.';
    expect(ending(summary, { hasError: true })[0]).toBe(text);
    expect(ending(summary, { endedBecause: 'stopped by SIGTERM' })[0]).toBe(`Stopped by SIGTERM: ${text}`);
  });

  it('counts absences that are failures', () => {
    expect(ending({}, { absentFailures: 1_359 })).toContain('  absent   1,359 not there when this purge came to them (--fail-on-absent)');
    expect(ending({}).join('')).not.toContain('--fail-on-absent');
  });

  it('names no other reasons where it could name none at all', () => {
    expect(ending({}, { failureKinds: [] }).join('')).not.toContain('other reasons');
  });

  it('shows no command for rejected rows where there is no report', () => {
    expect(ending({ outcomes: { ...NOTHING_DONE, deleted: 5 } }, { failureKinds: [], reportPath: undefined }).join('')).not.toContain(
      '--outcome rejected',
    );
  });

  it('of a list with nothing in it says so', () => {
    const intake = { complete: true, rows: 0, accepted: 0, duplicates: 0, protected: 0, rejected: 0, skipped: 0, suspicious: {} };
    expect(ending({ intake, outcomes: NOTHING_DONE }, { exitCode: 0, failureKinds: [] })[0]).toBe('Done: there was nothing to delete.');
  });

  it('with many absent IDs says so before anything else, and however it ends; text from outside is escaped', () => {
    const absentWarning = '19 of 20 IDs were not found: \u001b[2J';
    const outcomes = { ...NOTHING_DONE, deleted: 1, absent: 1 };
    const says = '19 of 20 IDs were not found: \\u{1b}[2J';
    expect(ending({ outcomes }, { absentWarning }).slice(0, 2)).toEqual([
      says,
      'Done in 2 min 33 s: 1 of 301,245 IDs deleted, 1 was absent.',
    ]);
    expect(ending({ ...UNFINISHED, outcomes, pending: 1 }, { absentWarning, endedBecause: 'stopped by --limit' }).slice(0, 2)).toEqual([
      says,
      'Stopped by --limit: 1 of 301,245 IDs deleted, 1 was absent, 1 is left.',
    ]);
    expect(ending({ ...UNFINISHED, outcomes }, { absentWarning, hasError: true })[0]).toBe(says);
  });

  it('shows where rejected rows are where nothing failed', () => {
    const text = ending({ outcomes: { ...NOTHING_DONE, deleted: 301_245 } }, { failureKinds: [] });
    expect(text).toContain(`To see the rejected rows:  images-purge report ${resolve('old.csv.checkpoint')} --outcome rejected`);
    expect(text.join('')).not.toContain('--retry-failed');
  });

  it('shows the first kinds of failures and counts the others, hostile messages escaped', () => {
    const failureKinds = [
      { count: 10, httpStatus: 500, code: undefined, message: 'a\u001b[2J\nb' },
      { count: 5, httpStatus: undefined, code: undefined, message: undefined },
      { count: 4, httpStatus: 403, code: undefined, message: undefined },
      { count: 1, httpStatus: 400, code: 5400, message: undefined },
    ];
    const text = ending({ outcomes: { ...NOTHING_DONE, failed: 1_019 + 2 } }, { failureKinds });
    expect(text.filter((line) => line.startsWith('  failed'))).toEqual([
      '  failed   10 × 500 "a\\u{1b}[2J\\u{a}b"',
      '  failed   5 × no answer',
      '  failed   4 × 403',
      '  failed   1,002 for other reasons',
    ]);
  });
});

const LIST = ['  source   old.csv: 301,307 rows, 301,245 IDs accepted', '  passed over  duplicates 51, protected 8, rejected 3'];

describe('a purge that stopped', () => {
  it('tells how far it is and how to go on', () => {
    expect(ending(UNFINISHED, { exitCode: 130, endedBecause: 'stopped by SIGINT', failureKinds: [] })).toEqual([
      'Stopped by SIGINT: 114,181 of 301,245 IDs deleted, 353 were absent, 186,711 are left.',
      ...LIST,
      'Go on with:  images-purge resume old.csv.checkpoint',
      'Report: old.csv.checkpoint.report.ndjson   exit 130',
      '',
    ]);
  });

  it('after too many failures tells of what kind they are', () => {
    const text = ending(
      { ...UNFINISHED, outcomes: { ...NOTHING_DONE, failed: 5 } },
      { exitCode: 8, endedBecause: 'stopped by --max-failures' },
    );
    expect(text.slice(0, 4)).toEqual([
      'Stopped by --max-failures: 0 of 301,245 IDs deleted, 5 failed, 186,711 are left.',
      ...LIST,
      '  failed   5 × 400/5400 "Bad request"',
    ]);
  });

  it('by an error tells how far it is and leaves the rest, the exit code too, to the error', () => {
    expect(ending(UNFINISHED, { exitCode: 3, hasError: true })).toEqual([
      '114,181 of 301,245 IDs deleted, 353 were absent, 186,711 are left.',
      ...LIST,
      '',
    ]);
    expect(ending({ ...UNFINISHED, outcomes: NOTHING_DONE }, { exitCode: 3, hasError: true })).toEqual(['']);
    expect(ending({ ...UNFINISHED, outcomes: { ...NOTHING_DONE, deleted: 7, absent: 7 } }, { exitCode: 3, hasError: true })).toEqual([
      '7 of 301,245 IDs deleted, 7 were absent, 186,711 are left.',
      ...LIST,
      '',
    ]);
    expect(endingText({ ...INPUT, summary: undefined, hasError: true })).toBe('');
  });

  it('before there was a purge says that nothing was sent', () => {
    expect(endingText({ ...INPUT, summary: undefined, exitCode: 143, endedBecause: 'stopped by SIGTERM' })).toBe(
      'Stopped by SIGTERM; nothing was sent.\nexit 143\n',
    );
  });
});

describe('a plan', () => {
  const planned: Partial<Summary> = { state: 'planned', outcomes: NOTHING_DONE, pending: 301_245 };

  it('tells how to carry it out', () => {
    expect(ending(planned, { failureKinds: [], reportPath: undefined })).toEqual([
      'Planned: 301,245 IDs would be deleted; nothing was sent.',
      `To see all of them:  images-purge report ${resolve('old.csv.checkpoint')} --outcome planned`,
      'Carry it out with:  images-purge resume old.csv.checkpoint',
      'Without a question: images-purge resume old.csv.checkpoint --confirm 1a2b3c4d5e6f',
      'exit 1',
      '',
    ]);
  });

  it('of a dry run has nothing to carry out', () => {
    const text = ending(
      { state: 'planned', outcomes: { ...NOTHING_DONE, planned: 301_245 }, pending: 0 },
      { failureKinds: [], nextCommand: undefined, reportPath: undefined },
    );
    expect(text).toEqual([
      'Dry run: 301,245 IDs would be deleted; nothing was sent.',
      'To see all of them:  the same command with --report FILE',
      'To delete this set alone, without a question:  --confirm 1a2b3c4d5e6f instead of --dry-run',
      'exit 1',
      '',
    ]);
  });

  it('of nothing says so, and names no command to go on with', () => {
    const intake = { ...SUMMARY.intake, rows: 0, accepted: 0 };
    for (const state of ['planned', 'unfinished'] as const) {
      expect(
        ending({ state, intake, outcomes: NOTHING_DONE, pending: 0 }, { exitCode: 0, failureKinds: [], reportPath: undefined }),
      ).toEqual(['There is nothing to delete.', 'exit 0', '']);
    }
  });

  it('that was interrupted or broke off is not told to be one', () => {
    const half: Partial<Summary> = { ...planned, intake: { ...SUMMARY.intake, complete: false } };
    expect(ending(half, { exitCode: 130, endedBecause: 'stopped by SIGINT', failureKinds: [], reportPath: undefined })).toEqual([
      'Stopped by SIGINT: 301,245 IDs were read so far; nothing was sent.',
      'exit 130',
      '',
    ]);
    expect(ending(half, { exitCode: 5, hasError: true, endedBecause: 'SOURCE_BROKEN' })).toEqual(['']);
  });
});
