import { describe, expect, test } from 'vitest';

import { COMMANDS } from '../../../src/cli/commands/all-commands.ts';
import { bashCompletion } from '../../../src/cli/completion/bash.ts';
import { completedCommands } from '../../../src/cli/completion/completed.ts';
import { fishCompletion } from '../../../src/cli/completion/fish.ts';
import { zshCompletion } from '../../../src/cli/completion/zsh.ts';
import { OPTIONS, optionsTaken } from '../../../src/options/option-table.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

describe.each(Object.entries(SCRIPTS))('the script for %s', (shell, scriptOf) => {
  const script = scriptOf(completedCommands(COMMANDS));

  test('knows every command, its options and the words of each', () => {
    for (const { name, options } of COMMANDS) {
      const lines = script.split('\n');
      const begin = lines.findIndex((line) => line.trim() === `${name})`);
      const end = lines.findIndex((line, index) => index > begin && /^ {4,10};;$/.test(line));
      const part = shell === 'fish' ? lines.filter((line) => line.includes(`'__images_purge_is ${name}'`)) : lines.slice(begin, end);
      const text = part.join('\n');
      for (const option of optionsTaken(options)) {
        expect(text).toContain(shell === 'fish' ? `-l ${option.name} ` : `--${option.name}`);
        if (option.takes.kind === 'words') expect(text).toContain(option.takes.words.join(' '));
      }
    }
  });
});

test('what an option takes is known by what help calls its value', () => {
  for (const { name, argument, takes, isFile } of OPTIONS) {
    if (isFile) expect({ name, kind: takes.kind }).toEqual({ name, kind: argument === 'DIR' ? 'folders' : 'files' });
  }
  expect(OPTIONS.find(({ name }) => name === 'report')?.takes.kind).toBe('files');
});
