import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';

import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { deleteOptions } from '../../../src/cli/input/delete-options.ts';
import type { CommandRequest } from '../../../src/cli/invocation.ts';
import { givenTexts, optionValues } from '../../../src/options/option-values.ts';
import { resumeOptions } from '../../../src/cli/input/resume-options.ts';
import type { DeleteOptions, ResumeOptions } from '../../../src/run/run-options.ts';
import { ACCOUNT, TOKEN } from '../../support/cli/cli-world.ts';
import { refusal } from '../../support/cli/refusal.ts';

const ENV = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT, CLOUDFLARE_API_TOKEN: TOKEN };
const stdin = new PassThrough();

function context(
  args: readonly string[],
  env: Record<string, string>,
  realPath: CommandRequest['realPath'],
): { readonly command: string; readonly context: CommandRequest } {
  const line = parseCommandLine(args, { widthColumns: 100, heading: (text) => text });
  if (line.kind !== 'run') throw new Error('nothing to run');
  const values = optionValues(line.command.options, line.flags, env);
  const readTextFile = (): string => {
    throw new Error('no file is there');
  };
  const given = givenTexts(line.command.options, line.flags, env);
  return { command: line.command.name, context: { operands: line.operands, values, given, env, cwd: '/work', readTextFile, realPath } };
}

function deleting(
  args: readonly string[],
  env: Record<string, string> = ENV,
  realPath: CommandRequest['realPath'] = (path) => path,
): DeleteOptions {
  const parsed = context(args, env, realPath);
  return deleteOptions(parsed.command === 'plan' ? 'plan' : 'delete', parsed.context, () => stdin);
}

function resuming(args: readonly string[], env: Record<string, string> = ENV): ResumeOptions {
  return resumeOptions(context(['resume', ...args], env, (path) => path).context);
}

describe('delete and plan', () => {
  test('everything is decided: defaults, paths beside the first source, credentials', () => {
    expect(deleting(['delete', 'lists/a.csv', 'b.csv', '--yes'])).toEqual({
      given: { repeated: { delete: [], resume: [] }, spelledWith: expect.any(Function) as DeleteOptions['given']['spelledWith'] },
      api: {
        accountId: ACCOUNT,
        baseUrl: 'https://api.cloudflare.com/client/v4',
        batchBaseUrl: 'https://batch.imagedelivery.net',
        credentials: { kind: 'token', token: TOKEN },
        proxy: { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined },
      },
      sources: [
        { kind: 'file', path: 'lists/a.csv' },
        { kind: 'file', path: 'b.csv' },
      ],
      form: {
        format: 'auto',
        column: undefined,
        noHeader: false,
        delimiter: undefined,
        quote: undefined,
        skipLines: 0,
        lastLine: 'by-source',
        literal: false,
        takesReports: true,
      },
      deliveryUrls: false,
      shard: null,
      excludePaths: [],
      excludeColumn: undefined,
      excludeLiteral: false,
      dropsGuards: false,
      allowEmptyExclude: false,
      excludeIds: [],
      checkpointPath: 'lists/a.csv.checkpoint',
      allowNetworkCheckpoint: false,
      reportPath: undefined,
      isStdoutTaken: false,
      refuseRecordedReport: expect.any(Function) as DeleteOptions['refuseRecordedReport'],
      keepCount: 30,
      supersede: false,
      checkpointAgeMsMax: 604_800_000,
      pace: {
        rate: { kind: 'limited', requests: 1_000, perMs: 300_000 },
        accountRate: { kind: 'limited', requests: 1_000, perMs: 300_000 },
        reserveShare: 0.1,
        batchTokenCount: 0,
        quotaRedisUrl: undefined,
        mayRunInParallel: false,
        processCountMin: 1,
        concurrency: 16,
        attemptsMax: 8,
        requestTimeoutMs: 30_000,
        giveUpAfterMs: 3_600_000,
        runDurationMsMax: Infinity,
        sendCountMax: Infinity,
        failureCountMax: Infinity,
        absentMax: { kind: 'none' },
      },
      guards: {
        strict: false,
        idCountMin: 0,
        protectedCountMin: 0,
        deletesMax: { kind: 'none' },
        failOnAbsent: false,
        verifies: false,
        backupFolder: null,
      },
      newerThanMs: null,
      expectAbsent: false,
      mode: 'delete',
      isConfirmed: true,
    });
  });

  test('batch tokens are lanes of 200/s with 64 requests in flight each, and the account’s own lane keeps its pace', () => {
    const { pace } = deleting(['delete', 'a', '--batch-tokens', '10', '--reserve', '2.5%']);
    expect(pace).toMatchObject({
      rate: { requests: 200, perMs: 1_000 },
      accountRate: { requests: 1_000, perMs: 300_000 },
      reserveShare: 0.025,
      batchTokenCount: 10,
      concurrency: 640,
    });
    expect(deleting(['delete', 'a', '--batch-tokens', '2', '--rate', '1/s', '--concurrency', '5']).pace).toMatchObject({
      rate: { requests: 1 },
      accountRate: { requests: 1, perMs: 1_000 },
      concurrency: 5,
    });
    expect(deleting(['delete', 'a', '--batch-tokens', '2', '--rate', 'unlimited']).pace).toMatchObject({
      rate: { kind: 'unlimited' },
      accountRate: { requests: 1_000 },
    });
  });

  test('a shard comes from its option, or from a Kubernetes Indexed Job', () => {
    expect(deleting(['delete', 'a', '--shard', '1/4']).shard).toEqual({ index: 1, count: 4 });
    expect(deleting(['delete', 'a'], { ...ENV, IMAGES_PURGE_SHARDS: '8', JOB_COMPLETION_INDEX: '7' }).shard).toEqual({
      index: 7,
      count: 8,
    });
    expect(deleting(['delete', 'a', '--shard', '1/4'], { ...ENV, IMAGES_PURGE_SHARDS: '8', JOB_COMPLETION_INDEX: '7' }).shard).toEqual({
      index: 1,
      count: 4,
    });
    expect(deleting(['delete', 'a'], { ...ENV, JOB_COMPLETION_INDEX: '7' }).shard).toBeNull();
    for (const shard of ['4/4', '1', '-1/4', '0/0', '1/100001', 'a/b'])
      expect(refusal(() => deleting(['delete', 'a', '--shard', shard])).exitCode).toBe(2);
    for (const env of [
      { IMAGES_PURGE_SHARDS: '8' },
      { IMAGES_PURGE_SHARDS: '8', JOB_COMPLETION_INDEX: '8' },
      { IMAGES_PURGE_SHARDS: 'x', JOB_COMPLETION_INDEX: '0' },
    ]) {
      expect(refusal(() => deleting(['delete', 'a'], { ...ENV, ...env })).exitCode).toBe(2);
    }
  });

  test('standard input keeps its checkpoint in the working folder', () => {
    const options = deleting(['delete', '-', 'a.csv']);
    expect(options.checkpointPath).toBe('images-purge.checkpoint');
    expect(options.sources).toEqual([
      { kind: 'stdin', stream: stdin },
      { kind: 'file', path: 'a.csv' },
    ]);
  });

  test('standard input named twice, an empty name and no source exit 2', () => {
    expect(refusal(() => deleting(['delete', '-', 'a', '-'])).code).toBe('STDIN_TWICE');
    expect(refusal(() => deleting(['delete', ''])).exitCode).toBe(2);
    expect(refusal(() => deleting(['delete'])).exitCode).toBe(2);
  });

  test('a report that is not named is the run’s to find: the recorded one, else beside the checkpoint', () => {
    expect(deleting(['delete', 'a', '--checkpoint', 'state/x']).reportPath).toBeUndefined();
    expect(deleting(['delete', 'a', '--report', '-']).reportPath).toBe('-');
  });

  test('a dry run has a report only where one is asked for, and needs no credentials', () => {
    const options = deleting(['delete', 'a', '-n'], { CLOUDFLARE_ACCOUNT_ID: ACCOUNT });
    expect(options).toMatchObject({ mode: 'dry-run', reportPath: undefined, api: { accountId: ACCOUNT } });
    expect(options.api).not.toHaveProperty('credentials');
    expect(options.api).not.toHaveProperty('proxy');
    expect(deleting(['delete', 'a', '-n', '--report', 'r']).reportPath).toBe('r');
  });

  test('a plan needs no credentials, and --yes does not confirm what someone is to review', () => {
    const options = deleting(['plan', 'a', '--yes'], { CLOUDFLARE_ACCOUNT_ID: ACCOUNT });
    expect(options).toMatchObject({ mode: 'plan', isConfirmed: false, reportPath: undefined });
  });

  test('delete without credentials or without an account exits 2', () => {
    expect(refusal(() => deleting(['delete', 'a'], { CLOUDFLARE_ACCOUNT_ID: ACCOUNT })).code).toBe('CREDENTIALS_MISSING');
    expect(refusal(() => deleting(['delete', 'a'], { CLOUDFLARE_API_TOKEN: TOKEN })).code).toBe('ACCOUNT_MISSING');
    expect(refusal(() => deleting(['plan', 'a'], {})).code).toBe('ACCOUNT_MISSING');
  });

  test('--report - with --json exits 2: stdout cannot carry both', () => {
    expect(refusal(() => deleting(['delete', 'a', '--report', '-', '--json'])).exitCode).toBe(2);
    expect(refusal(() => resuming(['a', '--report', '-', '--json'])).exitCode).toBe(2);
  });

  test.each([
    ['the report over the source', ['delete', 'a.csv', '--report', 'a.csv']],
    ['the report over the source by another spelling', ['delete', 'a.csv', '--report', './x/../a.csv']],
    ['the report over a second source', ['delete', 'a.csv', 'b.csv', '--report', '/work/b.csv']],
    ['the report over the checkpoint', ['delete', 'a.csv', '--report', 'a.csv.checkpoint']],
    ["the report over SQLite's log", ['delete', 'a.csv', '--report', 'a.csv.checkpoint-wal']],
    ['the report over the lock', ['delete', 'a.csv', '--report', 'a.csv.checkpoint.lock']],
    ['the report over the checkpoint’s new file', ['delete', 'a.csv', '--report', 'a.csv.checkpoint.images-purge-new']],
    ['the checkpoint over the report’s new file', ['delete', 'a.csv', '--report', 'r', '--checkpoint', 'r.images-purge-new']],
    ['the checkpoint’s new file over the source', ['delete', 'a.images-purge-new', '--checkpoint', 'a']],
    ['the report’s new file over the source', ['delete', 'a.images-purge-new', '--report', 'a', '--checkpoint', 'c']],
    ['the checkpoint over the source', ['delete', 'a.csv', '--checkpoint', 'a.csv']],
    ['the checkpoint over the protect list', ['delete', 'a.csv', '--exclude', 'k', '--checkpoint', 'k']],
    ['the log over the report', ['delete', 'a.csv', '--log-file', 'a.csv.checkpoint.report.ndjson']],
    ['the log over the source', ['delete', 'a.csv', '--log-file', 'a.csv']],
    ['the log over a source in /dev/shm', ['delete', '/dev/shm/a.csv', '--log-file', '/dev/shm/a.csv']],
  ])('%s exits 2', (_, args) => {
    expect(refusal(() => deleting(args))).toMatchObject({ code: 'PATH_TWICE', exitCode: 2 });
  });

  test('a link to the source is the source', () => {
    const follow = (path: string): string => (path === '/work/link' ? '/work/a.csv' : path);
    expect(refusal(() => deleting(['delete', 'a.csv', '--report', 'link'], ENV, follow)).code).toBe('PATH_TWICE');
  });

  test('the same list may be a source and a protect list, and /dev/null may take report and log', () => {
    expect(() =>
      deleting(['delete', 'a.csv', '--exclude', 'a.csv', '--report', '/dev/null', '--log-file', '/dev/null'], ENV, (path) =>
        path === '/dev/null' ? undefined : path,
      ),
    ).not.toThrow();
  });

  test('guards and pace arrive under their own names', () => {
    const options = deleting([
      'delete',
      'a',
      '--strict',
      '--min-ids',
      '3',
      '--max-deletes',
      '25%',
      '--min-protected',
      '2',
      '--fail-on-absent',
      '--verify',
      '--backup',
      '/data/saved',
      '--limit',
      '10',
      '--max-failures',
      '0',
      '--max-duration',
      '2h',
    ]);
    expect(options.guards).toEqual({
      strict: true,
      idCountMin: 3,
      protectedCountMin: 2,
      deletesMax: { kind: 'share', percent: 25 },
      failOnAbsent: true,
      verifies: true,
      backupFolder: '/data/saved',
    });
    expect(options.pace).toMatchObject({ sendCountMax: 10, failureCountMax: 0, runDurationMsMax: 7_200_000 });
  });

  test('the proxy of the environment goes to the API', () => {
    expect(deleting(['delete', 'a'], { ...ENV, https_proxy: 'http://proxy:3128' }).api.proxy?.httpsProxy).toBe('http://proxy:3128/');
  });
});

describe('resume', () => {
  test('what is not given is left to what the checkpoint recorded', () => {
    const options = resuming(['a.checkpoint', '--retry-failed'], { CLOUDFLARE_API_TOKEN: TOKEN });
    expect(options).toMatchObject({
      checkpointPath: 'a.checkpoint',
      accountId: undefined,
      baseUrl: undefined,
      reportPath: undefined,
      retryFailed: true,
      isConfirmed: false,
    });
  });

  test('an account and a root that are given are told, so that others can be refused', () => {
    const options = resuming(['a.checkpoint', '--base-url', 'http://127.0.0.1:9/']);
    expect(options).toMatchObject({ accountId: ACCOUNT, baseUrl: 'http://127.0.0.1:9' });
  });

  test('two checkpoints, or standard input as one, exit 2', () => {
    expect(refusal(() => resuming(['a', 'b'])).exitCode).toBe(2);
    expect(refusal(() => resuming(['-'])).exitCode).toBe(2);
  });

  test('another report over the checkpoint exits 2', () => {
    expect(refusal(() => resuming(['a.checkpoint', '--report', './a.checkpoint'])).code).toBe('PATH_TWICE');
    expect(refusal(() => resuming(['r.images-purge-new', '--report', 'r'])).code).toBe('PATH_TWICE');
  });
});
