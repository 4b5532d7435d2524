import { describe, expect, test } from 'vitest';

import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { COMMANDS } from '../../../src/cli/commands/all-commands.ts';
import { refuseUnkeptPromises } from '../../../src/options/environment-checks.ts';
import { type Option, OPTIONS, type OptionValues } from '../../../src/options/option-table.ts';
import { optionValues, valueFromTexts } from '../../../src/options/option-values.ts';
import { refusal } from '../../support/cli/refusal.ts';

function optionsOf(command: string): readonly Option[] {
  const keys = COMMANDS.find(({ name }) => name === command)?.options ?? [];
  return OPTIONS.filter(({ key }) => keys.includes(key));
}

function values(args: readonly string[], env: Record<string, string> = {}): OptionValues {
  const line = parseCommandLine(args, { widthColumns: 100, heading: (text) => text });
  if (line.kind !== 'run') throw new Error('nothing to run');
  return optionValues(line.command.options, line.flags, env);
}

describe('flags, environment and defaults', () => {
  test('without flags and variables every default is the documented one', () => {
    expect(values(['delete', 'ids.csv'])).toMatchObject({
      format: 'auto',
      keep: 30,
      maxAge: 604_800_000,
      rate: undefined,
      concurrency: undefined,
      reserve: 10,
      batchTokens: 0,
      batchBaseUrl: 'https://batch.imagedelivery.net',
      shard: undefined,
      maxAttempts: 8,
      timeout: 30_000,
      giveUpAfter: 3_600_000,
      maxDuration: Infinity,
      limit: Infinity,
      maxFailures: Infinity,
      minIds: 0,
      maxDeletes: { kind: 'none' },
      exclude: [],
      strict: false,
      yes: false,
      dryRun: false,
      progress: 'auto',
      logLevel: 'info',
      json: false,
    });
  });

  test('every default that help shows is what the parser makes of that text', () => {
    const shown = OPTIONS.filter(
      (spec) => spec.argument !== undefined && typeof spec.defaultValue !== 'undefined' && spec.defaultText !== undefined,
    );
    expect(shown.length).toBeGreaterThan(5);
    for (const spec of shown) expect(valueFromTexts(spec, [spec.defaultText?.split(',')[0] ?? ''], spec.name)).toEqual(spec.defaultValue);
  });

  test('a flag wins over its variable, and the variable over the default', () => {
    const env = { IMAGES_PURGE_RATE: '5/s' };
    expect(values(['delete', 'a', '--rate', '7/s'], env).rate).toMatchObject({ requests: 7 });
    expect(values(['delete', 'a'], env).rate).toMatchObject({ requests: 5 });
    expect(values(['delete', 'a'], { IMAGES_PURGE_RATE: '' }).rate).toBeUndefined();
  });

  test("Cloudflare's variables count where ours are not set; where both are and differ, only a flag decides", () => {
    const cloudflare = 'a'.repeat(32);
    const own = 'b'.repeat(32);
    const both = { CLOUDFLARE_ACCOUNT_ID: cloudflare, IMAGES_PURGE_ACCOUNT_ID: own };
    expect(values(['delete', 'a'], { CLOUDFLARE_ACCOUNT_ID: cloudflare }).accountId).toBe(cloudflare);
    expect(values(['delete', 'a'], { ...both, CLOUDFLARE_ACCOUNT_ID: 'B'.repeat(32) }).accountId).toBe(own);
    expect(() => values(['delete', 'a'], both)).toThrow(/IMAGES_PURGE_ACCOUNT_ID and CLOUDFLARE_ACCOUNT_ID are both set, and differ/);
    expect(values(['delete', 'a', '--account-id', cloudflare], both).accountId).toBe(cloudflare);
    expect(values(['delete', 'a'], { CLOUDFLARE_BASE_URL: 'http://127.0.0.1:1/x/' }).baseUrl).toBe('http://127.0.0.1:1/x');
  });

  test.each([
    ['1', true],
    ['true', true],
    ['yes', true],
    ['0', false],
    ['false', false],
    ['no', false],
    ['', false],
  ])('IMAGES_PURGE_STRICT=%j means %j', (text, strict) => {
    expect(values(['delete', 'a'], { IMAGES_PURGE_STRICT: text }).strict).toBe(strict);
  });

  test('a boolean variable that is anything else exits 2 and is named', () => {
    expect(refusal(() => values(['delete', 'a'], { IMAGES_PURGE_YES: 'maybe' }))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('IMAGES_PURGE_YES'),
    });
  });

  test('--no-header is an option of its own, not the opposite of another', () => {
    expect(values(['delete', 'a', '--no-header']).noHeader).toBe(true);
    expect(values(['delete', 'a']).noHeader).toBe(false);
  });

  test('of two ages that protect the longer holds, whichever way it was given; a flag is given once', () => {
    const ageOf = (args: readonly string[], age?: string): number | null =>
      values(['delete', 'a', ...args], age === undefined ? {} : { IMAGES_PURGE_PROTECT_NEWER_THAN: age }).protectNewerThan;
    const [hour, day] = [3_600_000, 86_400_000];
    expect([ageOf([]), ageOf([], '1d'), ageOf(['--protect-newer-than', '1h'])]).toEqual([null, day, hour]);
    expect(ageOf(['--protect-newer-than', '1h'], '1d')).toBe(day);
    expect(ageOf(['--protect-newer-than', '24h'], '60m')).toBe(day);
    expect(refusal(() => ageOf(['--protect-newer-than', '1h', '--protect-newer-than', '1d'])).exitCode).toBe(2);
    for (const wrong of ['30', '0d', '-1d', 'yesterday', '4000d']) expect(refusal(() => ageOf([], wrong)).exitCode, wrong).toBe(2);
  });

  test('a repeatable option takes each flag, or one value a line of its variable', () => {
    expect(values(['delete', 'a', '--exclude', 'x', '--exclude=y']).exclude).toEqual(['x', 'y']);
    expect(values(['delete', 'a'], { IMAGES_PURGE_EXCLUDE: 'x\r\ny z\n\n' }).exclude).toEqual(['x', 'y z']);
    expect(refusal(() => values(['delete', 'a'], { IMAGES_PURGE_EXCLUDE: '\n' })).exitCode).toBe(2);
  });

  test('a single-value option given twice exits 2, even with the same value', () => {
    expect(refusal(() => values(['delete', 'a', '--rate', '5/s', '--rate', '5/s']))).toMatchObject({ code: 'OPTION_TWICE', exitCode: 2 });
    expect(values(['delete', 'a', '--yes', '-y']).yes).toBe(true);
  });

  test('every option of delete, plan and resume reads its own variable', () => {
    for (const spec of [...optionsOf('delete'), ...optionsOf('plan'), ...optionsOf('resume')]) {
      expect(spec.envNames[0]).toBe(`IMAGES_PURGE_${spec.name.toUpperCase().replaceAll('-', '_')}`);
    }
  });

  test("a variable of another command's option changes nothing, not even where its text is nonsense", () => {
    expect(values(['report', 'a'], { IMAGES_PURGE_RATE: 'nonsense', IMAGES_PURGE_FORMAT: 'lines' })).toMatchObject({
      reportFormat: 'ndjson',
    });
    expect(values(['status', 'a'], { IMAGES_PURGE_YES: 'maybe' }).yes).toBe(false);
  });

  test('an empty value exits 2: most likely a variable of the shell is unset', () => {
    for (const name of ['account-id', 'exclude', 'checkpoint', 'report', 'rate', 'limit', 'column', 'log-file']) {
      expect(refusal(() => values(['delete', 'a', `--${name}`, ''])).exitCode).toBe(2);
    }
  });
});

describe('the environment', () => {
  test('a dry run that resume does not have exits 2, and is no matter to the commands that send nothing or have it', () => {
    const env = { IMAGES_PURGE_DRY_RUN: '1' };
    expect(refusal(() => refuseUnkeptPromises('resume', env))).toMatchObject({
      exitCode: 2,
      message: 'IMAGES_PURGE_DRY_RUN is set, but resume has no dry run: it deletes',
    });
    for (const command of ['delete', 'plan'] as const) expect(() => refuseUnkeptPromises(command, env)).not.toThrow();
    expect(() => refuseUnkeptPromises('resume', { IMAGES_PURGE_DRY_RUN: '0' })).not.toThrow();
  });
});

describe('which command has which option', () => {
  const has = (command: string): readonly string[] => optionsOf(command).map(({ name }) => name);

  test('resume has the options of pace, limits, log, output and report, and none that the checkpoint has recorded', () => {
    const own = has('resume');
    expect(own).toEqual(
      expect.arrayContaining([
        'rate',
        'limit',
        'max-duration',
        'max-failures',
        'report',
        'log-file',
        'json',
        'yes',
        'expect-absent',
        'max-age',
        'exclude',
        'retry-failed',
      ]),
    );
    for (const recorded of [
      'format',
      'column',
      'no-header',
      'delimiter',
      'delivery-urls',
      'strict',
      'min-ids',
      'max-deletes',
      'fail-on-absent',
      'checkpoint',
      'dry-run',
    ]) {
      expect(own).not.toContain(recorded);
    }
  });

  test('no two options of one command share a name or a letter', () => {
    for (const command of COMMANDS) {
      const own = optionsOf(command.name);
      const names = own.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
