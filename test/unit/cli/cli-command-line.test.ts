import { describe, expect, test } from 'vitest';

import { parseCommandLine, type CommandLine } from '../../../src/cli/command-line.ts';
import { COMMANDS } from '../../../src/cli/commands/all-commands.ts';
import { deleteCommand } from '../../../src/cli/commands/delete.ts';
import { UserError } from '../../../src/domain/errors.ts';

function parse(...args: string[]): CommandLine {
  return parseCommandLine(args, { widthColumns: 100, heading: (text) => text });
}

function refusal(...args: string[]): UserError {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('what is understood', () => {
  test('command, sources and flags, in any order', () => {
    expect(parse('delete', '-y', 'a.csv', '--rate', '5/s', '-', '--exclude=k')).toEqual({
      kind: 'run',
      command: deleteCommand,
      operands: ['a.csv', '-'],
      flags: new Map([
        ['yes', ['true']],
        ['rate', ['5/s']],
        ['exclude', ['k']],
      ]),
    });
  });

  test('short flags may be joined, and -o may carry its value', () => {
    expect(parse('delete', '-ny', 'a')).toMatchObject({
      flags: new Map([
        ['dry-run', ['true']],
        ['yes', ['true']],
      ]),
    });
    expect(parse('report', 'a', '-oout.csv')).toMatchObject({ flags: new Map([['output', ['out.csv']]]) });
  });

  test('after -- everything is a source, whatever it looks like', () => {
    expect(parse('delete', '--yes', '--', '--rate', '-x')).toMatchObject({ operands: ['--rate', '-x'] });
  });

  test('- is a value where one is due', () => {
    expect(parse('delete', 'a', '--report', '-')).toMatchObject({ operands: ['a'], flags: new Map([['report', ['-']]]) });
  });

  test('a command named help or version as a source is a source', () => {
    expect(parse('delete', 'help')).toMatchObject({ kind: 'run', operands: ['help'] });
  });
});

describe('what is not', () => {
  test.each([
    ['no command', []],
    ['an unknown command', ['purge', 'a']],
    ['a command of later', ['ctl', 'a']],
    ['an unknown option', ['delete', 'a', '--force']],
    ['an option of another command', ['delete', 'a', '--retry-failed']],
    ['an option before the command', ['--yes', 'delete', 'a']],
    ['a flag cut short', ['delete', 'a', '--dry']],
    ['a value that is missing', ['delete', 'a', '--rate']],
    ['a value for a flag that takes none', ['delete', 'a', '--yes=1']],
    ['no source', ['delete', '--yes']],
    ['two checkpoints for resume', ['resume', 'a', 'b']],
    ['an argument for simulate', ['simulate', 'a']],
    ['help on an unknown command', ['help', 'purge']],
  ])('%s is a usage error', (_, args) => {
    expect(refusal(...args).exitCode).toBe(2);
  });

  test('a misspelt command or option is met with the one that was most likely meant', () => {
    expect(refusal('delte', 'a').nextSteps.join()).toContain('delete');
    expect(refusal('delete', 'a', '--cheskpoint', 'b').nextSteps.join()).toContain('--checkpoint');
    expect(refusal('delete', 'a', '--cheskpoint=b').nextSteps.join()).toContain('--checkpoint');
  });

  test('an option that swallows the next one is refused: --exclude --yes protects nothing', () => {
    expect(refusal('delete', 'a', '--exclude', '--yes').message).toContain('--exclude needs a value');
    expect(refusal('delete', 'a', '--report', '-y').exitCode).toBe(2);
    expect(refusal('delete', 'a', '--report', '--rate=5/s').exitCode).toBe(2);
  });

  test('what a person typed after a wrong flag or in excess is not repeated', () => {
    expect(JSON.stringify(refusal('delete', 'a', '--token=hunter2'))).not.toContain('hunter2');
    expect(refusal('delete', 'a', '--token=hunter2').message).not.toContain('hunter2');
    expect(refusal('resume', 'a', 'hunter2').message).not.toContain('hunter2');
    expect(refusal('delete', 'a', '--yes=hunter2').message).toBe('--yes takes no value');
  });
});

describe('help', () => {
  test.each(['', ...COMMANDS.map(({ name }) => name)])('--help of %j is as agreed', async (command) => {
    const args = command === '' ? ['--help'] : [command, '--help'];
    const line = parse(...args);
    await expect(line.kind === 'print' ? line.text : '').toMatchFileSnapshot(
      `../../../fixtures/help/${command === '' ? 'images-purge' : command}.txt`,
    );
  });

  test('help <command>, -h after other arguments and --help of the command are the same page', () => {
    const page = parse('plan', '--help');
    expect(parse('help', 'plan')).toEqual(page);
    expect(parse('plan', 'a', '-h')).toEqual(page);
  });

  test('no line is longer than the terminal is wide', () => {
    const line = parseCommandLine(['delete', '--help'], { widthColumns: 100, heading: (text) => text });
    const lengths = line.kind === 'print' ? line.text.split('\n').map((text) => text.length) : [];
    expect(Math.max(...lengths)).toBeLessThanOrEqual(100);
  });

  test('names the variables: the rule once, and where an option has another one or none', () => {
    const textOf = (command: string): string => JSON.stringify(parse(command, '--help')).replaceAll(/\\n +/g, ' ');
    for (const { name, options } of COMMANDS) expect(textOf(name).includes('IMAGES_PURGE_<NAME>')).toBe(options.length > 0);
    expect(textOf('delete')).toMatch(/--account-id <ID>[^-]*also CLOUDFLARE_ACCOUNT_ID\)/);
    expect(textOf('list')).toMatch(/--force[^-]*\(no variable\)/);
  });

  test('--version prints the version alone', () => {
    expect(parse('--version')).toEqual({ kind: 'print', text: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});
