import { describe, expect, test } from 'vitest';

import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import type { Engines } from '../../../src/cli/engines.ts';
import { runCli } from '../../../src/cli/run.ts';
import { guardError, storageError } from '../../../src/domain/errors.ts';
import type { Summary } from '../../../src/domain/summary.ts';
import type { DeleteOptions, PlanSummary, ResumeOptions } from '../../../src/run/run-options.ts';
import type { PurgeDeps, StopRequest } from '../../../src/run/deps.ts';
import type { PurgeResult } from '../../../src/run/purge-result.ts';
import { ACCOUNT, testWorld, TOKEN, type TestWorld } from '../../support/cli/cli-world.ts';

const SUMMARY: Summary = {
  job: 'j',
  state: 'finished',
  account: ACCOUNT,
  baseUrl: BASE_URL_DEFAULT,
  digest: '1a2b3c4d5e6f',
  note: null,
  sources: [{ path: 'a.csv', rows: 2, accepted: 2 }],
  intake: { complete: true, rows: 2, accepted: 2, duplicates: 0, protected: 0, rejected: 0, skipped: 0, suspicious: {} },
  protectedBy: [],
  backupFolders: [],
  outcomes: { deleted: 2, absent: 0, failed: 0, planned: 0 },
  pending: 0,
  run: { deleted: 2, absent: 0, failed: 0, requests: 2, retries: 0, throttled: 0, elapsedMs: 10, ratePerSecond: 200 },
  exitCode: 0,
  endedBecause: 'finished',
  error: null,
};

const { exitCode, endedBecause, error, ...PURGE } = SUMMARY;

const DONE: PurgeResult = {
  exitCode: 0,
  summary: SUMMARY,
  error: undefined,
  endedBecause: 'finished',
  checkpointPath: 'a.csv.checkpoint',
  nextCommand: undefined,
  reportPath: 'a.csv.checkpoint.report.ndjson',
  quotaUse: undefined,
  failureKinds: [],
  absentFailures: 0,
  absentWarning: undefined,
};

const PLAN: PlanSummary = {
  accountId: ACCOUNT,
  baseUrl: BASE_URL_DEFAULT,
  sources: [],
  accountImageCount: 10,
  toDelete: 2,
  digest: '1a2b3c4d5e6f',
  samples: [],
  duplicates: 0,
  protected: 0,
  protectedBy: [],
  rejected: 0,
  rejectedSamples: [],
  skipped: 0,
  suspicious: [],
  rate: { kind: 'unlimited' },
  laneCount: 1,
  isBatch: false,
  expectedMs: undefined,
  sendCountMax: Infinity,
  uncheckedPercentMax: undefined,
  waitingForList: [],
  backup: undefined,
};

interface Started {
  readonly options: DeleteOptions | ResumeOptions;
  readonly deps: PurgeDeps;
}

/** Engines that do what a test says and remember what they were started with. */
function engines(run: (deps: PurgeDeps) => Promise<PurgeResult> = () => Promise.resolve(DONE)): Engines & { readonly started: Started[] } {
  const started: Started[] = [];
  const start = (options: DeleteOptions | ResumeOptions, deps: PurgeDeps): Promise<PurgeResult> => {
    started.push({ options, deps });
    return run(deps);
  };
  return {
    started,
    runDelete: start,
    runResume: start,
    readStatus: (checkpointPaths) =>
      Promise.resolve({
        purge: PURGE,
        lastEnd: { exitCode, endedBecause, error },
        missingShards: [],
        checkpointPaths,
        nextCommand: undefined,
        isRunning: false,
        lastWorkedAtMs: 0,
        ratePerSecond: 1,
        etaMs: undefined,
        lastErrors: [],
      }),
    runCheck: () => Promise.reject(new Error('nothing is checked here')),
    runVerify: () => Promise.reject(new Error('nothing is verified here')),
    runRestore: () => Promise.reject(new Error('nothing is restored here')),
    checkBackup: () => Promise.reject(new Error('no backup is checked here')),
    runList: () => Promise.reject(new Error('nothing is listed here')),
    async writeReport(request, writeStdout) {
      if (request.outPath === undefined) await writeStdout('{"id":"a"}\n');
      return { lineCount: 1 };
    },
  };
}

function aborted(signal: AbortSignal): Promise<StopRequest> {
  return new Promise((done) => signal.addEventListener('abort', () => done(signal.reason as StopRequest)));
}

describe('a run', () => {
  test('delete --yes starts a confirmed run and ends with its exit code', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes']);
    const own = engines(() => Promise.resolve({ ...DONE, exitCode: 8 }));
    expect(await runCli(world, own)).toBe(8);
    expect(own.started[0]).toMatchObject({ options: { isConfirmed: true, mode: 'delete' }, deps: { ask: undefined } });
    expect(world.stdout.text).toBe('');
  });

  test('--json prints the summary as one line on stdout, and nothing else goes there', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes', '--json']);
    expect(await runCli(world, engines())).toBe(0);
    expect(world.stdout.text).toBe(`${JSON.stringify(SUMMARY)}\n`);
  });

  test('a failed run prints its error on stderr and still its summary on stdout', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes', '--json']);
    const error = storageError('X', 'the disk is full', ['Make room']);
    expect(
      await runCli(
        world,
        engines(() => Promise.resolve({ ...DONE, exitCode: 5, error })),
      ),
    ).toBe(5);
    expect(world.stderr.text).toContain('error: the disk is full.');
    expect(JSON.parse(world.stdout.text)).toEqual(SUMMARY);
  });

  test('a run that has no summary prints its fields empty, and how it ended', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes', '--json']);
    const error = guardError('X', 'another account');
    expect(
      await runCli(
        world,
        engines(() => Promise.resolve({ ...DONE, exitCode: 7, summary: undefined, error })),
      ),
    ).toBe(7);
    expect(Object.keys(JSON.parse(world.stdout.text) as object).sort()).toEqual(Object.keys(SUMMARY).sort());
    expect(JSON.parse(world.stdout.text)).toMatchObject({
      job: null,
      state: null,
      outcomes: { deleted: 0 },
      exitCode: 7,
      error: { code: 'X', message: 'another account', nextSteps: [] },
    });
  });

  test('a defect is no user error: exit 70, its stack on stderr, without the token', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes']);
    expect(
      await runCli(
        world,
        engines(() => Promise.reject(new TypeError(`broken with ${TOKEN}`))),
      ),
    ).toBe(70);
    expect(world.stderr.text).toContain('TypeError: broken with [redacted]');
  });

  test('what failed is told at the end without the token', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes']);
    const failed = { ...SUMMARY, outcomes: { ...SUMMARY.outcomes, failed: 1 } };
    await runCli(
      world,
      engines(() =>
        Promise.resolve({
          ...DONE,
          summary: failed,
          failureKinds: [{ count: 1, httpStatus: 400, code: 5400, message: `who sent ${TOKEN}?` }],
        }),
      ),
    );
    expect(world.stderr.text).toContain('400/5400 "who sent [redacted]?"');
  });

  test('a token from a file is kept out of errors as well', async () => {
    const world = testWorld(['resume', 'a', '--yes'], {
      env: { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_API_TOKEN_FILE: '/t' },
      files: { '/t': 'f1le-token\n' },
    });
    await runCli(
      world,
      engines(() => Promise.reject(new Error('f1le-token'))),
    );
    expect(world.stderr.text).toContain('[redacted]');
    expect(world.stderr.text).not.toContain('f1le-token');
  });

  test('an unknown variable is warned about, and the run goes on', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes'], { env: { IMAGES_PURGE_FOLDER: 'x' } });
    expect(await runCli(world, engines())).toBe(0);
    expect(world.stderr.text).toContain('IMAGES_PURGE_FOLDER is no option');
  });
});

describe('the question', () => {
  test('without a terminal nobody is asked: whether a purge was confirmed before only the checkpoint knows', async () => {
    for (const options of [
      { isTerminal: false, hasTerminal: true },
      { isTerminal: true, hasTerminal: false },
    ]) {
      const own = engines();
      expect(await runCli(testWorld(['delete', 'a.csv'], options), own)).toBe(0);
      expect(own.started[0]?.deps.ask).toBeUndefined();
    }
  });

  test('plan and dry run ask nobody', async () => {
    for (const args of [
      ['plan', 'a.csv'],
      ['delete', 'a.csv', '--dry-run'],
    ]) {
      const own = engines();
      expect(await runCli(testWorld(args), own)).toBe(0);
      expect(own.started[0]?.deps.ask).toBeUndefined();
    }
  });

  test('resume without a terminal is started all the same: whether it must ask only the checkpoint knows', async () => {
    const own = engines();
    expect(await runCli(testWorld(['resume', 'a.checkpoint']), own)).toBe(0);
    expect(own.started[0]?.deps.ask).toBeUndefined();
  });

  async function asked(type: (world: TestWorld) => void): Promise<{ readonly answer: string; readonly world: TestWorld }> {
    const world = testWorld(['delete', 'a.csv'], { isTerminal: true, hasTerminal: true });
    let answer = 'none';
    await runCli(
      world,
      engines(async (deps) => {
        const answering = deps.ask?.(PLAN, deps.stop);
        type(world);
        answer = (await answering) ?? 'nobody asked';
        return DONE;
      }),
    );
    return { answer, world };
  }

  test('what is typed on the terminal is the answer, trimmed; the prompt says what to type', async () => {
    const { answer, world } = await asked(({ terminal }) => terminal.write('  delete 2 \nmore\n'));
    expect(answer).toBe('delete 2');
    expect(world.stderr.text).toContain('Type "delete 2" to begin: ');
    expect(world.stdout.text).toBe('');
  });

  test('the end of input is an empty answer, never a yes', async () => {
    expect((await asked(({ terminal }) => terminal.end())).answer).toBe('');
    expect((await asked(({ terminal }) => terminal.destroy(new Error('EIO')))).answer).toBe('');
  });

  test('a signal ends the waiting', async () => {
    expect((await asked((world) => world.signal('SIGINT'))).answer).toBe('');
  });

  test('a plan is shown on stderr when the run hands it over', async () => {
    const world = testWorld(['plan', 'a.csv']);
    await runCli(
      world,
      engines((deps) => {
        deps.onPlan?.(PLAN);
        return Promise.resolve(DONE);
      }),
    );
    expect(world.stderr.text).toContain('To delete   2');
  });
});

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('the first %s asks the run to stop with %d and does not end the process', async (name, exitCode) => {
    const world = testWorld(['delete', 'a.csv', '--yes']);
    const stopped = await runCli(
      world,
      engines(async (deps) => {
        const request = aborted(deps.stop);
        world.signal(name);
        expect(await request).toEqual({ exitCode, name });
        return { ...DONE, exitCode };
      }),
    );
    expect(stopped).toBe(exitCode);
    expect(world.exits).toEqual([]);
  });

  test.each([
    ['npm_command', true],
    ['npm_lifecycle_event', true],
    ['NPM_TOKEN', false],
  ])('where %s is set, a parent that is gone stops the run once as SIGTERM does: %s', async (name, isStopped) => {
    let parents = '20 10';
    const world = testWorld(['delete', 'a.csv', '--yes'], { env: { [name]: 'x' }, parents: () => parents });
    await runCli(
      world,
      engines((deps) => {
        const look = (): void => world.later.filter(({ ms }) => ms < 1_000).forEach(({ action }) => action());
        look();
        expect(deps.stop.aborted).toBe(false);
        parents = '20 1';
        look();
        look();
        expect(deps.stop.aborted).toBe(isStopped);
        if (isStopped) expect(deps.stop.reason).toEqual({ exitCode: 143, name: 'SIGTERM' });
        return Promise.resolve(DONE);
      }),
    );
    expect(world.exits).toEqual([]);
  });

  test('the second signal ends the process at once, with its own code', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes']);
    await runCli(
      world,
      engines(() => {
        world.signal('SIGINT');
        world.signal('SIGTERM');
        return Promise.resolve(DONE);
      }),
    );
    expect(world.exits).toEqual([143]);
  });

  test('a shutdown that hangs is ended 9 s after the first signal, with that signal’s code', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes']);
    await runCli(
      world,
      engines(() => {
        world.signal('SIGTERM');
        return Promise.resolve(DONE);
      }),
    );
    expect(world.later.map(({ ms }) => ms)).toEqual([9_000]);
    world.later[0]?.action();
    expect(world.exits).toEqual([143]);
  });
});

describe('stdout that closes', () => {
  test('with --report - the write fails, and each one after it', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes', '--report', '-']);
    world.stdout.closeReader();
    await runCli(
      world,
      engines(async (deps) => {
        await expect(deps.writeReportText('{}\n')).rejects.toThrow(/closed/);
        await expect(deps.writeReportText('{}\n')).rejects.toThrow(/closed/);
        return { ...DONE, exitCode: 5 };
      }),
    );
  });

  test('report, status, --help and --json end quietly', async () => {
    for (const args of [['report', 'a'], ['status', 'a'], ['--help'], ['delete', 'a', '--yes', '--json']]) {
      const world = testWorld(args);
      world.stdout.closeReader();
      expect(await runCli(world, engines())).toBe(0);
      expect(world.stderr.text).not.toContain('error');
    }
  });
});

describe('stdout that cannot be written', () => {
  test('is exit 5 with its cause, for whatever was asked for', async () => {
    for (const args of [
      ['report', 'a'],
      ['status', 'a'],
      ['--help'],
      ['--version'],
      ['delete', 'a', '--yes', '--json'],
      ['resume', 'a', '--yes', '--json'],
    ]) {
      const world = testWorld(args);
      world.stdout.fill();
      expect(await runCli(world, engines())).toBe(5);
      expect(world.stderr.text).toMatch(/error: stdout cannot be written \(ENOSPC: no space left on device\)\.\n.*exit 5/);
    }
  });

  test('with --report - is an error that a person can read', async () => {
    const world = testWorld(['delete', 'a.csv', '--yes', '--report', '-']);
    world.stdout.fill();
    await runCli(
      world,
      engines(async (deps) => {
        await expect(deps.writeReportText('{}\n')).rejects.toMatchObject({ code: 'STDOUT_UNWRITABLE', exitCode: 5 });
        return { ...DONE, exitCode: 5 };
      }),
    );
  });
});

describe('stdout that nobody reads', () => {
  test('ends the process with the run’s exit code when the run is over; where everything was read it ends by itself', async () => {
    for (const [isRead, exits] of [
      [true, []],
      [false, [8]],
    ] as const) {
      const world = testWorld(['delete', 'a.csv', '--yes', '--report', '-']);
      if (!isRead) world.stdout.readNoMore();
      const own = engines(async (deps) => {
        const writing = deps.writeReportText('{}\n');
        if (isRead) await writing;
        return { ...DONE, exitCode: 8 };
      });
      expect(await runCli(world, own)).toBe(8);
      expect(world.exits).toEqual(exits);
    }
  });
});

describe('the other commands', () => {
  test('status writes for people, or the summary with --json', async () => {
    const people = testWorld(['status', 'a']);
    expect(await runCli(people, engines())).toBe(0);
    expect(people.stdout.text).toContain('deleted 2');
    const json = testWorld(['status', 'a', '--json']);
    expect(await runCli(json, engines())).toBe(0);
    expect(JSON.parse(json.stdout.text)).toMatchObject(SUMMARY);
  });

  test('report writes to stdout, or to a file and then says how many lines', async () => {
    const stdout = testWorld(['report', 'a']);
    expect(await runCli(stdout, engines())).toBe(0);
    expect(stdout.stdout.text).toBe('{"id":"a"}\n');
    const file = testWorld(['report', 'a', 'b', '-o', 'out.csv', '--format', 'csv', '--outcome', 'failed']);
    expect(await runCli(file, engines())).toBe(0);
    expect(file.stdout.text).toBe('');
    expect(file.stderr.text).toContain('out.csv: 1 line');
  });

  test('report as a page goes into a file or a pipe; on a terminal it is refused, and the command is told', async () => {
    const page = ['report', 'a', '--format', 'html'];
    const terminal = { ...testWorld(page), isStdoutTerminal: true };
    expect(await runCli(terminal, engines())).toBe(2);
    expect(terminal.stdout.text).toBe('');
    expect(terminal.stderr.text).toContain('-o report.html');
    expect(await runCli(testWorld(page), engines())).toBe(0);
    const file = testWorld([...page, '-o', 'a.html', '--price', '0']);
    expect(await runCli(file, engines())).toBe(0);
    expect(file.stderr.text).toMatch(/^a\.html: a page that names \d+ rows? one by one\n$/);
  });

  test('report over one of its checkpoints exits 2', async () => {
    expect(await runCli(testWorld(['report', 'a', '-o', './a-wal']), engines())).toBe(2);
  });

  test('status and report need no credentials and listen to no signal', async () => {
    const world = testWorld(['status', 'a'], { env: { CLOUDFLARE_API_TOKEN: '' } });
    expect(await runCli(world, engines())).toBe(0);
    world.signal('SIGINT');
    world.signal('SIGINT');
    expect(world.exits).toEqual([]);
  });
});
