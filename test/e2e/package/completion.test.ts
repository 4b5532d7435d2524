import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { withFolder } from '../../support/cli/cli.ts';
import { runInProcess } from '../../support/cli/in-process.ts';
import { HAS_SCRIPT, startProgramOnTerminal, untilShown } from '../../support/machine/terminal.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** Debian has zsh and fish as packages; CI installs them. */
const has = (shell: Shell): boolean => spawnSync(shell, ['--version']).status === 0;

/** A folder with files to choose from, and the script that `completion` prints. */
function withScript<T>(shell: Shell, work: (cwd: string) => Promise<T>): Promise<T> {
  return withFolder(async (cwd) => {
    const { exitCode, stdout, stderr } = await runInProcess(['completion', shell], { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    writeFileSync(join(cwd, 'script'), stdout);
    for (const name of ['my old list.csv', 'ids.csv.checkpoint', 'ids.csv']) writeFileSync(join(cwd, name), '');
    mkdirSync(join(cwd, 'saved'));
    return work(cwd);
  });
}

/** What a person has typed, and what is offered; the last word is the one that is completed. */
type Offered = readonly (readonly [line: string, offered: readonly string[]])[];

/** Nothing offered by bash's function means that readline completes files, or that nothing is known. */
const OFFERED: Offered = [
  ['de', ['delete']],
  ['delete --form', ['--format']],
  ['delete --format ', ['auto', 'csv', 'lines', 'ndjson']],
  ['list --format ', ['csv', 'ndjson', 'ids']],
  ['report x --format n', ['ndjson']],
  ['report x --outcome failed,re', ['failed,rejected']],
  ['resume ', ['ids.csv.checkpoint', 'saved']],
  ['explain ABSENT_R', ['ABSENT_RULE']],
  ['completion ', ['bash', 'zsh', 'fish']],
  ['check --log-level d', ['debug']],
];

describe('completion', () => {
  it('by bash’s function: commands, options, values, checkpoints; what is given already is not offered again', () =>
    withScript('bash', async (cwd) => {
      const cases: Offered = [
        ...OFFERED,
        ['delete --format = n', ['ndjson']],
        ['delete --format =', ['auto', 'csv', 'lines', 'ndjson']],
        ['delete --rate 5/s --ra', []],
        ['delete --exclude a --exclude-i', ['--exclude-id']],
        ['delete --exclude a --exclu', ['--exclude', '--exclude-column', '--exclude-literal', '--exclude-id']],
        ['delete -- --form', []],
        ['delete --rate ', []],
        ['delete -', ['--dry-run', '--yes', '--help']],
        ['explain -', ['--help']],
        ['unheard-of --form', []],
        ['--ver', ['--version']],
      ];
      const asked = cases.map(([line]) => `ask images-purge ${line.replace(/ $/, " ''")}`);
      const ask = 'ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _images_purge; echo "${COMPREPLY[*]}"; }';
      // With a socket for stdin, as Node gives it, bash may take itself for a remote shell and read /etc/bash.bashrc.
      const { stdout, stderr } = spawnSync('bash', ['-uc', `. ./script\n${ask}\n${asked.join('\n')}`], {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const lines = stdout.split('\n').map((line) => line.split(' ').filter((word) => word !== ''));
      expect(stderr).toBe('');
      cases.forEach(([line, offered], index) =>
        expect({ line, offered: lines[index] }).toEqual({
          line,
          offered: line.endsWith(' -') ? expect.arrayContaining([...offered]) : offered,
        }),
      );
    }));

  it.runIf(has('fish'))('by fish', () =>
    withScript('fish', async (cwd) => {
      const cases: Offered = [
        ...OFFERED.filter(([line]) => line !== 'resume '),
        // What is no checkpoint comes after them.
        ['resume i', ['ids.csv.checkpoint', 'ids.csv']],
        ['delete my', ['my old list.csv']],
        ['delete --rate ', []],
        ['restore ', ['saved/']],
        ['status --j', ['--json']],
      ];
      const asked = cases.map(([line]) => `complete -C 'images-purge ${line}'; echo ===`);
      const { stdout, stderr } = spawnSync('fish', ['-Nc', `source script\n${asked.join('\n')}`], { cwd, encoding: 'utf8' });
      expect(stderr).toBe('');
      const answers = stdout.split('===\n').map((answer) => answer.split('\n').flatMap((line) => line.split('\t')[0] || []));
      cases.forEach(([line, offered], index) => {
        expect({ line, offered: answers[index]?.toSorted() }).toEqual({ line, offered: [...offered].toSorted() });
      });
    }),
  );

  it.runIf(HAS_SCRIPT)('in a real bash, by the Tab key, down to the words that the command is given', () =>
    withScript('bash', async (cwd) => {
      expect(await typedIn(['bash', '--norc', '--noprofile', '-i'], 'source ./script', cwd)).toContain(
        '<delete><--dry-run><--format><ndjson><--log-file><my old list.csv><--progress=bar><--backup><saved/><ids.csv.checkpoint>',
      );
    }),
  );

  it.runIf(HAS_SCRIPT && has('zsh'))('in a real zsh', () =>
    withScript('zsh', async (cwd) => {
      expect(await typedIn(['zsh', '-f', '-i'], 'autoload -U compinit; compinit -u -D; source ./script', cwd)).toContain(
        '<delete><--dry-run><--format=ndjson><--log-file=my old list.csv><--progress=bar><--backup=saved><ids.csv.checkpoint>',
      );
    }),
  );
});

/** Types a line into a shell on a terminal, with the Tab key in it, and returns what a command in our place is given. */
async function typedIn(shell: readonly string[], setup: string, cwd: string): Promise<string> {
  const running = startProgramOnTerminal(shell, { cwd, env: { TERM: 'dumb', HOME: cwd, LC_ALL: 'C' } });
  const type = (text: string): void => void running.child.stdin?.write(text);
  const ready = untilShown(running, /ready\r?\n/);
  type(`${setup}; images-purge() { printf '<%s>' "$@"; echo; }; echo re"ad"y\n`);
  await ready;
  const given = untilShown(running, /^<.*>\r?$/m);
  type('images-purge del\t--dry\t--form\tnd\t--log-f\tmy\t--progress=b\t--back\tsa\t ids.csv.\t\n');
  const shown = await given;
  type('exit\n');
  await running.finished;
  return shown;
}
