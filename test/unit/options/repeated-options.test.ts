import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { resumeCommand } from '../../../src/cli/commands/resume.ts';
import { deleteOptions } from '../../../src/cli/input/delete-options.ts';
import { resumeOptions } from '../../../src/cli/input/resume-options.ts';
import { givenTexts, optionValues } from '../../../src/options/option-values.ts';
import { EACH_RUN } from '../../../src/options/repeated-options.ts';
import type { GivenCommand } from '../../../src/run/run-options.ts';
import { ACCOUNT, TOKEN } from '../../support/cli/cli-world.ts';

function given(args: readonly string[], more: Record<string, string> = {}): GivenCommand {
  const env = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT, CLOUDFLARE_API_TOKEN: TOKEN, ...more };
  const line = parseCommandLine(args, { widthColumns: 100, heading: (text) => text });
  if (line.kind !== 'run') throw new Error('nothing to run');
  const { command, operands, flags } = line;
  const request = {
    operands,
    values: optionValues(command.options, flags, env),
    given: givenTexts(command.options, flags, env),
    env,
    cwd: '/work',
    readTextFile: () => '',
    realPath: (path: string) => path,
  };
  if (command.name === 'resume') return resumeOptions(request).given;
  return deleteOptions(command.name === 'plan' ? 'plan' : 'delete', request, () => new PassThrough()).given;
}

const PACE_AND_BRAKES = [
  '--batch-base-url http://127.0.0.1:9 --report /work/r.ndjson --max-age 30d --allow-network-checkpoint --rate 20/s --reserve 5%',
  '--batch-tokens 2 --quota-redis redis://127.0.0.1:6379 --concurrency 4 --max-attempts 3 --timeout 10s --give-up-after 5m',
  '--max-duration 4h --limit 9 --max-failures 10 --max-absent 3% --expect-absent',
].join(' ');
const GUARDS = '--strict --min-ids 3 --max-deletes 5% --min-protected 1 --fail-on-absent --column 2 --shard 0/2 --yes --json';

describe('what suggested commands repeat of a run', () => {
  it('is its pace and its brakes, with paths that are found from any folder, and no guard that the checkpoint records', () => {
    const { repeated } = given([
      'delete',
      'a.csv',
      ...PACE_AND_BRAKES.replace('/work/', '').split(' '),
      '--keep',
      '3',
      '--exclude',
      'k',
      '--allow-empty-exclude',
      ...GUARDS.split(' '),
    ]);
    expect(new Set(repeated.resume)).toEqual(new Set(PACE_AND_BRAKES.split(' ')));
    expect(new Set(repeated.delete)).toEqual(new Set([...PACE_AND_BRAKES.split(' '), '--keep', '3', '--allow-empty-exclude']));
  });

  it('has an age that protects once, the longer of flag and variable, where the whole command is spelled', () => {
    const spelled = given(['delete', 'a.csv', '--protect-newer-than', '1h'], { IMAGES_PURGE_PROTECT_NEWER_THAN: '30d' }).spelledWith('');
    expect(spelled.trimEnd()).toBe('images-purge delete /work/a.csv --account-id 0123 --protect-newer-than 30d'.replace('0123', ACCOUNT));
  });

  it('is what was given, in whatever way, and no default', () => {
    expect(given(['delete', 'a.csv', '--yes']).repeated).toEqual({ delete: [], resume: [] });
    expect(given(['resume', 'c', '--yes']).repeated.resume).toEqual([]);
    expect(given(['resume', 'c', '--limit', '3'], { IMAGES_PURGE_RATE: '20/s', IMAGES_PURGE_EXPECT_ABSENT: '0' }).repeated.resume).toEqual([
      '--rate',
      '20/s',
      '--limit',
      '3',
    ]);
    expect(given(['resume', 'c', '--report', '-']).repeated.resume).toEqual(['--report', '-']);
  });

  it('is no password', () => {
    const words = (url: string): readonly string[] => given(['resume', 'c'], { IMAGES_PURGE_QUOTA_REDIS: url }).repeated.resume;
    expect(words('redis://redis.internal:6379')).toEqual(['--quota-redis', 'redis://redis.internal:6379']);
    expect(words('redis://:secret@redis.internal:6379')).toEqual([]);
    expect(words('redis://user@redis.internal:6379')).toEqual([]);
  });

  it('can be given to resume', () => {
    expect(EACH_RUN.filter((key) => !resumeCommand.options.includes(key))).toEqual([]);
    expect(EACH_RUN.length).toBeGreaterThan(10);
  });
});

describe('the command itself', () => {
  it('is spelled with all it was given, quoted, for any folder', () => {
    expect(given(['delete', 'my list.csv', '/b.csv', '--exclude', 'k', '--column', 'image id', '-y']).spelledWith('--supersede')).toBe(
      `images-purge delete '/work/my list.csv' /b.csv --account-id ${ACCOUNT} --column 'image id' --exclude /work/k --yes --supersede`,
    );
    expect(given(['plan', '-', '--literal']).spelledWith('--drop-guards')).toBe(
      `images-purge plan - --account-id ${ACCOUNT} --literal --drop-guards < FILE`,
    );
    expect(given(['resume', 'c', '--exclude', 'k']).spelledWith('--drop-guards')).toBe(
      `images-purge resume /work/c --account-id ${ACCOUNT} --exclude /work/k --drop-guards`,
    );
  });

  it('names the shard that only a job’s environment told', () => {
    const job = { IMAGES_PURGE_SHARDS: '8', JOB_COMPLETION_INDEX: '7' };
    expect(given(['delete', 'a'], job).spelledWith('--supersede')).toBe(
      `images-purge delete /work/a --account-id ${ACCOUNT} --shard 7/8 --supersede`,
    );
  });
});
