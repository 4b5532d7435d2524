import { spawnSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { manPage } from '../../../scripts/man-page.ts';
import { COMMANDS } from '../../../src/cli/commands/all-commands.ts';
import { OPTIONS } from '../../../src/options/option-table.ts';

const PAGE = manPage();
/** Debian has both as packages. */
const has = (program: string): boolean => spawnSync(program, ['--help']).error === undefined;

function rendered(): string {
  // Neither bold nor underlined letters, and no page breaks.
  const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P-cbou', '-rLL=200n'], { input: PAGE, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

describe('the manual page', () => {
  test('has a section for each command, and each option once, with its commands, bounds, default and variables', () => {
    for (const { name } of COMMANDS) expect(PAGE).toMatch(new RegExp(`^\\.SS ${name}( |$)`, 'm'));
    expect(PAGE.match(/^\.TP$/gm)).toHaveLength(OPTIONS.length);
    const plain = PAGE.replaceAll(String.raw`\-`, '-');
    for (const { name, envNames } of OPTIONS) {
      expect(plain).toContain(`\\fB--${name}\\fR`);
      for (const env of envNames) expect(plain).toContain(env);
    }
    expect(plain).toContain('(delete, plan, resume; 1ms to 3650d; default: 7d; IMAGES_PURGE_MAX_AGE)');
  });

  test.runIf(has('groff'))('is rendered by groff without a warning, and shows what help shows', () => {
    const text = rendered().replaceAll(/\s+/g, ' ');
    expect(text).toContain("images-purge list --creator user-17 --meta 'status[eq]=draft' --format ids");
    expect(text).toContain('--exclude-id GLOB IDs that fit must not be deleted: * ? [a-z] within a folder, ** over folders;');
    expect(text).toContain('CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY;');
    expect(text).toContain('129, 130, 143 stopped by a signal');
    for (const { help } of OPTIONS) expect(text).toContain(help.replaceAll(/\s+/g, ' '));
  });

  test.runIf(has('mandoc'))('is what mandoc takes, too', () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint'], { input: PAGE, encoding: 'utf8' });
    const said = stdout.split('\n').filter((line) => line !== '' && !line.includes('STYLE:') && !line.includes('missing date'));
    expect(said).toEqual([]);
  });
});
