import { EXIT } from '../../domain/errors.ts';
import { parseChoice } from '../../options/parse/text.ts';
import { oneOf } from '../../options/taken.ts';

import { type CompletedCommand, completedCommands } from '../completion/completed.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Command } from './command.ts';

const SCRIPTS: Readonly<Record<'bash' | 'zsh' | 'fish', (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};
const SHELLS = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];

/** @param commands - all there are, this one too */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'print what completes commands and options in a shell',
    description:
      'Prints the script by which a shell completes commands, options and their values. Have it read where the shell starts; ' +
      'it holds all there is to complete, so that nothing is started while you type.',
    argument: { name: '<shell>', help: SHELLS.join(', '), takes: oneOf(SHELLS) },
    options: [],
    examples: [
      'source <(images-purge completion bash)    # in ~/.bashrc',
      'source <(images-purge completion zsh)     # in ~/.zshrc, below compinit',
      'images-purge completion fish > ~/.config/fish/completions/images-purge.fish',
    ],
    needsCredentials: false,
    async run({ request, stdout }) {
      const shell = parseChoice(SHELLS)(request.operands[0] ?? '', 'the shell');
      await stdout.write(SCRIPTS[shell](completedCommands(commands())));
      return EXIT.done;
    },
  };
}
