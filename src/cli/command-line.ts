/**
 * Arguments → which command, which operands, which flags. Commander splits the arguments and writes help; what the flags
 * mean is for the option table to say.
 *
 * @module
 */

import { CommanderError, Command as CommanderCommand, Option as CommanderOption } from 'commander';

import { usageError, UserError } from '../domain/errors.ts';
import { VERSION } from '../domain/version.ts';
import { type Option, optionsTaken } from '../options/option-table.ts';
import type { FlagTexts } from '../options/option-values.ts';
import { COMMANDS } from './commands/all-commands.ts';
import type { Command } from './commands/command.ts';
import { refuseSpreadGlob } from './input/spread-glob.ts';
import { CREDENTIALS_HELP, EXIT_CODES_HELP, PROGRAM_DESCRIPTION, PROGRAM_EXAMPLES, VARIABLES_HELP } from './texts/help-text.ts';
import { notesOn } from './texts/option-notes.ts';

export type CommandLine =
  | { readonly kind: 'run'; readonly command: Command; readonly operands: readonly string[]; readonly flags: FlagTexts }
  /** `--help` or `--version`: there is nothing but this to print. */
  | { readonly kind: 'print'; readonly text: string };

export interface HelpStyle {
  readonly widthColumns: number;
  readonly heading: (text: string) => string;
}

/**
 * @param args - what follows the program's name
 * @throws UserError (exit 2) for anything that cannot be understood
 */
export function parseCommandLine(args: readonly string[], style: HelpStyle): CommandLine {
  // `help delete` is what people type who come from git.
  if (args[0] === 'help') {
    const topic = args.slice(1);
    if (topic.every((name) => COMMANDS.some((known) => known.name === name))) return parseCommandLine([...topic, '--help'], style);
    return parseCommandLine(topic, style);
  }

  const printed: string[] = [];
  let found: CommandLine | undefined;
  const program = buildProgram(
    style,
    (text) => printed.push(text),
    (line) => (found = line),
  );
  try {
    if (args.length > 0) program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') {
      return { kind: 'print', text: printed.join('') };
    }
    throw asUserError(error, args, style);
  }
  if (found === undefined) throw usageError('NO_COMMAND', 'no command is given', TO_SEE_HELP);
  refuseSpreadGlob(args);
  return found;
}

const ALL_HELP = [CREDENTIALS_HELP, VARIABLES_HELP, EXIT_CODES_HELP];
const TO_SEE_HELP = 'To see what there is: images-purge --help';

function buildProgram(style: HelpStyle, print: (text: string) => void, onFound: (line: CommandLine) => void): CommanderCommand {
  const program = new CommanderCommand('images-purge')
    .description(PROGRAM_DESCRIPTION)
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .usage('<command> [options]')
    // Otherwise `delete --report --version` would be taken for `--version`.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: print,
      outputError: () => undefined,
      getOutHelpWidth: () => style.widthColumns,
      getOutHasColors: () => true,
    })
    .configureHelp({ styleTitle: style.heading })
    .addHelpText(
      'after',
      ['', 'Help on a command: images-purge <command> --help', '', ...helpBelow(style, PROGRAM_EXAMPLES, ALL_HELP)].join('\n'),
    );

  for (const command of COMMANDS) addCommand(program, command, style, onFound);
  return program;
}

/** What stands below commands and options. */
function helpBelow(style: HelpStyle, examples: readonly string[], texts: readonly string[]): readonly string[] {
  return [style.heading('Examples:'), ...examples.map((line) => `  ${line}`), ...texts.map((text) => `\n${text}`)];
}

function addCommand(program: CommanderCommand, command: Command, style: HelpStyle, onFound: (line: CommandLine) => void): void {
  const parser = program.command(command.name).summary(command.summary).description(command.description);
  if (command.argument !== undefined) parser.argument(command.argument.name, command.argument.help);

  const flags = new Map<string, string[]>();
  const options = optionsTaken(command.options, command.defaults);
  for (const option of options) addOption(parser, option, options, flags);
  parser.addHelpOption(new CommanderOption('-h, --help', 'print help').helpGroup(`${options.at(-1)?.heading ?? 'Options'}:`));

  const ofOptions = options.length === 0 ? [] : [VARIABLES_HELP];
  const more = command.needsCredentials ? ALL_HELP : ofOptions;
  parser.addHelpText('after', ['', ...helpBelow(style, command.examples, more)].join('\n'));
  parser.action(() => onFound({ kind: 'run', command, operands: parser.args, flags }));
}

function addOption(parser: CommanderCommand, option: Option, siblings: readonly Option[], flags: Map<string, string[]>): void {
  const { name, short, argument } = option;
  const long = argument === undefined ? `--${name}` : `--${name} <${argument}>`;
  const notes = notesOn(option);
  const help = notes.length === 0 ? option.help : `${option.help} (${notes.join('; ')})`;
  parser.addOption(new CommanderOption(short === undefined ? long : `-${short}, ${long}`, help).helpGroup(`${option.heading}:`));

  // Commander keeps the last of several values and treats --no-… in its own way; the raw texts are what is needed here.
  parser.on(`option:${name}`, (value: string | undefined) => {
    refuseSwallowedFlag(name, value, siblings);
    flags.set(name, [...(flags.get(name) ?? []), value ?? 'true']);
  });
}

/** `--exclude --yes` would name a file `--yes` and leave `--yes` out; nobody means that. */
function refuseSwallowedFlag(name: string, value: string | undefined, siblings: readonly Option[]): void {
  if (value === undefined || !value.startsWith('-')) return;
  const isFlag = siblings.some(
    (spec) => value === `--${spec.name}` || value.startsWith(`--${spec.name}=`) || (spec.short !== undefined && value === `-${spec.short}`),
  );
  if (isFlag) {
    throw usageError(
      'OPTION_VALUE_MISSING',
      `--${name} needs a value, but the next option follows`,
      `A file of that name: ./${value.split('=')[0] ?? ''}`,
    );
  }
}

function asUserError(error: CommanderError, args: readonly string[], style: HelpStyle): UserError {
  const withValue = args.find((arg) => arg.includes('=') && error.message.includes(`'${arg}'`));
  if (withValue !== undefined) return unknownFlagWithValue(withValue, args, style);

  const [first = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  // Commander lists the arguments; one of them may be a secret.
  const message = first.replace(/\.? (?:but )?got (\d+):.*$/, ' but got $1').replace(/\.$/, '');
  return usageError('COMMAND_LINE', message, ...hints.map((hint) => hint.replace(/^\(|\)$/g, '')), TO_SEE_HELP);
}

/** What follows `=` may be a secret and spoils the guess at what was meant: look at the flag alone. */
function unknownFlagWithValue(arg: string, args: readonly string[], style: HelpStyle): UserError {
  const flag = arg.split('=')[0] ?? '';
  try {
    parseCommandLine(
      args.map((other) => (other === arg ? flag : other)),
      style,
    );
  } catch (error) {
    if (error instanceof UserError && error.message.includes(`'${flag}'`)) return error;
  }
  return usageError('COMMAND_LINE', `${flag} takes no value`, TO_SEE_HELP);
}
