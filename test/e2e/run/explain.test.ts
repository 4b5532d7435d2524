import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { runCli, withFolder } from '../../support/cli/cli.ts';
import { runInProcess } from '../../support/cli/in-process.ts';

describe('an error', () => {
  it('ends with its code and how to read more, and that command explains it: exit 0', () =>
    withFolder(async (cwd) => {
      writeFileSync(join(cwd, 'ids.csv'), 'name,comment\na,b\n');
      const refused = await runInProcess(['delete', 'ids.csv', '--dry-run', '--json'], { cwd });
      expect(refused.exitCode).toBe(2);
      const [, code = ''] = /\n {7}More: images-purge explain ([A-Z_]+)\n$/.exec(refused.stderr) ?? [];
      expect((JSON.parse(refused.stdout) as { error: { code: string } }).error.code).toBe(code);
      const explained = await runInProcess(['explain', code], { cwd });
      expect(explained).toMatchObject({ exitCode: 0, stderr: '' });
      expect(explained.stdout).toMatch(/^COLUMN_MISSING \(exit 2\): .*\n\nWhy\n[^]*\nWhat to do\n {2}- [^]*--column/);
    }));
});

describe('images-purge explain', () => {
  it('needs neither credentials nor account nor network', async () => {
    const env = { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_ACCOUNT_ID: '', CLOUDFLARE_BASE_URL: 'http://192.0.2.1' };
    const { exitCode, stdout } = await runCli(['explain', 'absent-rule'], { env });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ABSENT_RULE \(exit 7 or 3\): /);
    expect(stdout).not.toContain('`');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('lists all codes where none is given', () =>
    withFolder(async (cwd) => {
      const { exitCode, stdout } = await runInProcess(['explain'], { cwd });
      expect(exitCode).toBe(0);
      for (const code of ['GAVE_UP', 'WAL_MISSING', 'SUSPICIOUS_VALUES']) expect(stdout).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'));
    }));

  it.each([
    ['ABSENT_RULES', 'Did you mean ABSENT_RULE?'],
    ['wal', 'Did you mean WAL_MISSING?'],
    ['10000', 'Codes: '],
    ['', 'Codes: '],
  ])('of %j, which is no code: exit 2, with what is nearly it and all there are', (text, says) =>
    withFolder(async (cwd) => {
      const { exitCode, stdout, stderr } = await runInProcess(['explain', text], { cwd });
      expect(exitCode).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain(says);
      expect(stderr).toContain('WAL_MISSING');
      expect(stderr).toContain('More: images-purge explain CODE_UNKNOWN');
    }),
  );

  it('takes one code at a time: exit 2', () =>
    withFolder(async (cwd) => {
      expect((await runInProcess(['explain', 'GAVE_UP', 'STRICT'], { cwd })).exitCode).toBe(2);
    }));
});
