import { describe, expect, test } from 'vitest';

import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import { bugText, errnoText, errorText } from '../../../src/cli/texts/error-text.ts';
import { planText } from '../../../src/cli/texts/plan-text.ts';
import { statusJson, statusText } from '../../../src/cli/texts/status-text.ts';
import { hasColors, PLAIN, textStyle } from '../../../src/cli/texts/style.ts';
import { guardError, usageError } from '../../../src/domain/errors.ts';
import type { PlanSummary } from '../../../src/run/run-options.ts';
import type { CheckpointStatus } from '../../../src/inspect/checkpoint-status.ts';
import { ACCOUNT } from '../../support/cli/cli-world.ts';

const NOW = Date.UTC(2026, 10, 24, 2);
const ESC = '\u001B';

describe('errors', () => {
  test('an error says what, what next, and ends with its exit code', () => {
    expect(errorText(guardError('X', 'none of the IDs exists', 'Look at the column.', 'Or: --expect-absent'), PLAIN)).toBe(
      [
        'error: none of the IDs exists.',
        '       Look at the column.',
        `${'       Or: --expect-absent'.padEnd(90)}  exit 7`,
        '       More: images-purge explain X',
        '',
      ].join('\n'),
    );
  });

  test('an error without a next step carries its exit code on its own line', () => {
    expect(errorText(usageError('X', 'no.'), PLAIN)).toMatch(/^error: no\. +exit 2\n +More: images-purge explain X\n$/);
  });

  test('control characters from outside are shown, not obeyed', () => {
    const text = errorText(usageError('X', `${ESC}[2J\nforged`, `a\u202Eb`), PLAIN);
    expect(text).toContain(String.raw`\u{1b}[2J\u{a}forged`);
    expect(text).toContain(String.raw`a\u{202e}b`);
    expect(text.split('\n')).toHaveLength(4);
  });

  test('a defect keeps its stack', () => {
    const text = bugText(new Error('boom'), PLAIN);
    expect(text).toContain('Error: boom');
    expect(text).toContain('cli-texts.test.ts');
  });

  test('what the system says about a file comes without the path', () => {
    expect(errnoText(new Error("ENOENT: no such file or directory, open '/secret, path'"))).toBe('ENOENT: no such file or directory');
  });

  test('colours are for terminals, and NO_COLOR and TERM=dumb turn them off', () => {
    expect([
      hasColors(true, {}),
      hasColors(false, {}),
      hasColors(true, { NO_COLOR: '1' }),
      hasColors(true, { NO_COLOR: '' }),
      hasColors(true, { TERM: 'dumb' }),
    ]).toEqual([true, false, false, true, false]);
    expect(errorText(usageError('X', 'no'), textStyle(true))).toContain(`${ESC}[31m`);
  });
});

const ENCODED = {
  kind: 'percent-encoded',
  count: 37,
  example: 'a%2Fb',
  source: 'old.csv',
  line: 12,
  looks: 'percent-encoded',
  likelyCause: 'they were taken from URLs',
  isRefusedByStrict: true,
};
const PLAN: PlanSummary = {
  accountId: ACCOUNT,
  baseUrl: BASE_URL_DEFAULT,
  sources: [{ path: 'old.csv', rows: 301_307, accepted: 301_245 }],
  accountImageCount: 1_204_551,
  toDelete: 301_245,
  digest: '1a2b3c4d5e6f',
  samples: [
    { id: '3f0ca91e', source: 'old.csv', line: 2 },
    { id: `bad${ESC}id`, source: 'old.csv', line: 150_001 },
  ],
  duplicates: 51,
  protected: 8,
  protectedBy: [],
  rejected: 3,
  rejectedSamples: [
    { source: 'old.csv', line: 17, reason: 'empty' },
    { source: 'old.csv', line: 1204, reason: 'empty' },
  ],
  skipped: 0,
  suspicious: [],
  rate: { kind: 'limited', requests: 1_000, perMs: 300_000 },
  laneCount: 1,
  isBatch: false,
  expectedMs: 90_373_500,
  sendCountMax: Infinity,
  uncheckedPercentMax: undefined,
  waitingForList: [],
  backup: undefined,
};

describe('the plan', () => {
  test('it shows the account, how many, which, what is passed over, and how long', () => {
    const text = planText(PLAN, NOW);
    expect(text).toMatch(/Account +0123…cdef/);
    expect(text).toContain('holds 1,204,551 images; this purge is 25.0 % of them');
    expect(text).toContain('301,245');
    expect(text).toContain('3f0ca91e (line 2)');
    expect(text).toContain('duplicates 51, protected 8, rejected 3 → lines 17, 1204, …');
    expect(text).toContain("1,000 in 5 min on the account's own quota: about 25 h 6 min, until");
  });

  test('an ID cannot move the cursor, and several sources are told apart', () => {
    const text = planText({ ...PLAN, samples: [...PLAN.samples, { id: 'x', source: 'new.csv', line: 9 }] }, NOW);
    expect(text).not.toContain(ESC);
    expect(text).toContain('x (new.csv line 9)');
  });

  test('a limit on this run is said, and that the question is for all of the list, where it leaves any', () => {
    expect(planText({ ...PLAN, sendCountMax: 1_000 }, NOW)).toMatch(
      /This run +1,000 +of them, in source order \(--limit\); the next run goes on with the rest and does not ask again/,
    );
    for (const sendCountMax of [PLAN.toDelete, Infinity]) expect(planText({ ...PLAN, sendCountMax }, NOW)).not.toContain('--limit');
  });

  test('a guard on a share that nobody has checked is said to be so', () => {
    expect(planText({ ...PLAN, accountImageCount: undefined, uncheckedPercentMax: 20 }, NOW)).toContain('Not checked --max-deletes 20%:');
    expect(planText(PLAN, NOW)).not.toContain('Not checked');
  });

  test('an unknown image count, an unlimited rate and IDs that look encoded are said', () => {
    const text = planText(
      { ...PLAN, accountImageCount: undefined, rate: { kind: 'unlimited' }, expectedMs: undefined, suspicious: [ENCODED] },
      NOW,
    );
    expect(text).toContain('how many images it holds is not known');
    expect(text).toContain('as fast as the API answers');
    expect(text).toMatch(
      /Look at +37 +percent-encoded \(such as a%2Fb, line 12\): they were taken from URLs\n +They are sent as they stand/,
    );
  });
});

const STATUS: CheckpointStatus = {
  purge: {
    job: 'j',
    state: 'unfinished',
    account: ACCOUNT,
    baseUrl: 'http://127.0.0.1:1/client/v4',
    sources: [
      { path: 'a.csv', rows: 10, accepted: 9 },
      { path: '-', rows: null, accepted: null },
    ],
    digest: '1a2b3c4d5e6f',
    note: null,
    intake: { complete: true, rows: 10, accepted: 9, duplicates: 1, protected: 0, rejected: 0, skipped: 0, suspicious: {} },
    protectedBy: [],
    backupFolders: [],
    outcomes: { deleted: 4, absent: 1, failed: 1, planned: 0 },
    pending: 3,
    run: { deleted: 4, absent: 1, failed: 1, requests: 6, retries: 0, throttled: 0, elapsedMs: 1_000, ratePerSecond: 6 },
  },
  lastEnd: {
    exitCode: 3,
    endedBecause: 'REFUSED_CREDENTIALS',
    error: { code: 'REFUSED_CREDENTIALS', message: `refused ${ESC}`, nextSteps: [] },
  },
  missingShards: [],
  checkpointPaths: ['a.checkpoint'],
  nextCommand: 'images-purge delete a --column x',
  isRunning: false,
  lastWorkedAtMs: NOW,
  ratePerSecond: 6,
  etaMs: undefined,
  lastErrors: [{ id: `x${ESC}`, atMs: NOW, httpStatus: 400, code: 5_400, message: 'Bad request' }],
};

describe('status', () => {
  test('it shows counts, rate, the last errors and how to go on', () => {
    const text = statusText(STATUS, NOW);
    expect(text).toContain('9 IDs accepted of 10 rows (duplicates 1,');
    expect(text).toContain('deleted 4 · absent 1 · failed 1 · left 3');
    expect(text).toContain('6.0/s in the last run');
    expect(text).toContain(String.raw`Ended       exit 3: refused \u{1b}`);
    expect(text).toContain("API root    http://127.0.0.1:1/client/v4, which is not Cloudflare's");
    expect(text).toContain('Sources     a.csv: 10 rows, 9 IDs accepted\n            standard input\n');
    expect(text).toContain('400/5400 "Bad request"');
    expect(text).toContain('Next: images-purge delete a --column x');
    expect(text).not.toContain(ESC);
  });

  test('after a run that was killed it says that no ending is on record', () => {
    const killed = { ...STATUS, lastEnd: undefined };
    expect(statusText(killed, NOW)).toContain('Ended       not on record: killed, or by an older version\n');
    expect(statusText({ ...killed, isRunning: true }, NOW)).not.toContain('Ended');
    expect(statusJson(killed)).toMatchObject({ exitCode: null, endedBecause: null, error: null });
  });

  test('beside a running purge it tells the time left and does not offer to resume', () => {
    const text = statusText({ ...STATUS, isRunning: true, etaMs: 94_000 }, NOW);
    expect(text).toContain('about 1 min 34 s left');
    expect(text).not.toContain('Next:');
  });

  test('its JSON is the summary, with what only a look from outside can add under one key', () => {
    const { status, ...summary } = statusJson(STATUS);
    expect(summary).toEqual({ ...STATUS.purge, ...STATUS.lastEnd });
    expect(status).toMatchObject({
      isRunning: false,
      lastWorkedAt: '2026-11-24T02:00:00.000Z',
      etaMs: null,
      lastErrors: [{ id: `x${ESC}`, at: '2026-11-24T02:00:00.000Z' }],
    });
  });
});
