/**
 * What shells complete: the commands and their options, as the command line defines them. Each shell's script is made of this and
 * holds all of it: nothing is started while a person types.
 *
 * @module
 */

import { type Option, optionsTaken } from '../../options/option-table.ts';
import type { Taken } from '../../options/taken.ts';
import type { Command } from '../commands/command.ts';

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** What follows it; `undefined`: nothing does. */
  readonly operand: { readonly name: string; readonly takes: Taken; readonly isRepeated: boolean } | undefined;
  readonly options: readonly CompletedOption[];
}

export interface CompletedOption {
  readonly long: string;
  readonly short: string | undefined;
  readonly help: string;
  /** What its value is called, and may be; `undefined`: a flag. */
  readonly value: { readonly name: string; readonly takes: Taken } | undefined;
  readonly isRepeatable: boolean;
}

const HELP: CompletedOption = { long: '--help', short: '-h', help: 'print help', value: undefined, isRepeatable: false };
const VERSION: CompletedOption = { long: '--version', short: '-V', help: 'print the version', value: undefined, isRepeatable: false };

/** Options that stand before a command. */
export const PROGRAM_OPTIONS: readonly CompletedOption[] = [HELP, VERSION];

export function completedCommands(commands: readonly Command[]): readonly CompletedCommand[] {
  return commands.map(({ name, summary, argument, options, defaults }) => ({
    name,
    summary,
    operand:
      argument === undefined
        ? undefined
        : { name: argument.name.replaceAll(/[<>.[\]]/g, ''), takes: argument.takes, isRepeated: argument.name.includes('...') },
    options: [...optionsTaken(options, defaults).map(completedOption), HELP],
  }));
}

/** Both spellings of an option, where it has two. */
export function spellings({ long, short }: CompletedOption): readonly string[] {
  return short === undefined ? [long] : [short, long];
}

function completedOption({ name, short, argument, takes, help, isRepeatable }: Option): CompletedOption {
  return {
    long: `--${name}`,
    short: short === undefined ? undefined : `-${short}`,
    help,
    value: argument === undefined ? undefined : { name: argument, takes },
    isRepeatable,
  };
}
