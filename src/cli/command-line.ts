/**
 * Arguments → which command, which sources, which flags. Commander splits the arguments and writes help; what the flags
 * mean is the option table's business.
 *
 * @module
 */

import { Command, CommanderError, Option } from 'commander';
import { usageError, UserError } from '../domain/errors.ts';
import { VERSION } from '../domain/version.ts';
import { COMMAND_TABLE, CREDENTIALS_HELP, EXIT_CODES_HELP, PROGRAM_DESCRIPTION } from '../options/command-table.ts';
import { COMMAND_NAMES, type CommandName, type OptionSpec } from '../options/option-spec.ts';
import type { FlagTexts } from '../options/option-values.ts';

export type CommandLine =
  | { readonly kind: 'run'; readonly command: CommandName; readonly operands: readonly string[]; readonly flags: FlagTexts }
  /** `--help` or `--version`: there is nothing but this to print. */
  | { readonly kind: 'print'; readonly text: string };

export interface HelpStyle {
  readonly widthColumns: number;
  readonly heading: (text: string) => string;
}

type Specs = readonly OptionSpec<unknown>[];

/**
 * @param args - what follows the program's name
 * @param specs - every option of every command
 * @throws UserError (exit 2) for anything that cannot be understood
 */
export function parseCommandLine(args: readonly string[], specs: Specs, style: HelpStyle): CommandLine {
  // `help delete` is what people type who come from git.
  if (args[0] === 'help') {
    const topic = args.slice(1);
    if (topic.every((name) => COMMAND_NAMES.some((known) => known === name))) return parseCommandLine([...topic, '--help'], specs, style);
    return parseCommandLine(topic, specs, style);
  }

  const printed: string[] = [];
  let found: CommandLine | undefined;
  const program = buildProgram(
    specs,
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
    throw asUserError(error, args, specs, style);
  }
  if (found === undefined) throw usageError('NO_COMMAND', 'no command is given', TO_SEE_HELP);
  return found;
}

const TO_SEE_HELP = 'To see what there is: images-purge --help';

function buildProgram(specs: Specs, style: HelpStyle, print: (text: string) => void, onFound: (line: CommandLine) => void): Command {
  const program = new Command('images-purge')
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
    .addHelpText('after', `\nHelp on a command: images-purge <command> --help\n\n${CREDENTIALS_HELP}\n\n${EXIT_CODES_HELP}`);

  for (const name of COMMAND_NAMES) addCommand(program, name, specs, onFound);
  return program;
}

function addCommand(program: Command, name: CommandName, specs: Specs, onFound: (line: CommandLine) => void): void {
  const about = COMMAND_TABLE[name];
  const command = program.command(name).summary(about.summary).description(about.description);
  if (about.argument !== undefined) command.argument(about.argument, about.argumentHelp ?? '');

  const flags = new Map<string, string[]>();
  const own = specs.filter((spec) => spec.commands.includes(name));
  for (const spec of own) addOption(command, spec, own, flags);
  command.addHelpOption(new Option('-h, --help', 'print help').helpGroup(own.at(-1)?.group ?? 'Options:'));

  const more = name === 'delete' || name === 'resume' ? [CREDENTIALS_HELP, EXIT_CODES_HELP] : [];
  command.addHelpText(
    'after',
    ['', 'Examples:', ...about.examples.map((line) => `  ${line}`), ...more.map((text) => `\n${text}`)].join('\n'),
  );
  command.action(() => onFound({ kind: 'run', command: name, operands: command.args, flags }));
}

function addOption(command: Command, spec: OptionSpec<unknown>, siblings: Specs, flags: Map<string, string[]>): void {
  const long = spec.argument === undefined ? `--${spec.name}` : `--${spec.name} <${spec.argument}>`;
  const defaultText = spec.defaultText === undefined ? '' : ` (default: ${spec.defaultText})`;
  command.addOption(new Option(spec.short === undefined ? long : `-${spec.short}, ${long}`, spec.help + defaultText).helpGroup(spec.group));

  // Commander keeps the last of several values and treats --no-… in its own way; the raw texts are what is needed here.
  command.on(`option:${spec.name}`, (value: string | undefined) => {
    refuseSwallowedFlag(spec.name, value, siblings);
    flags.set(spec.name, [...(flags.get(spec.name) ?? []), value ?? 'true']);
  });
}

/** `--exclude --yes` would name a file `--yes` and leave `--yes` out; nobody means that. */
function refuseSwallowedFlag(name: string, value: string | undefined, siblings: Specs): void {
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

function asUserError(error: CommanderError, args: readonly string[], specs: Specs, style: HelpStyle): UserError {
  const withValue = args.find((arg) => arg.includes('=') && error.message.includes(`'${arg}'`));
  if (withValue !== undefined) return unknownFlagWithValue(withValue, args, specs, style);

  const [first = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  // Commander lists the arguments; one of them may be a secret.
  const message = first.replace(/\.? (?:but )?got (\d+):.*$/, ' but got $1').replace(/\.$/, '');
  return usageError('COMMAND_LINE', message, ...hints.map((hint) => hint.replace(/^\(|\)$/g, '')), TO_SEE_HELP);
}

/** What follows `=` may be a secret and spoils the guess at what was meant: look at the flag alone. */
function unknownFlagWithValue(arg: string, args: readonly string[], specs: Specs, style: HelpStyle): UserError {
  const flag = arg.split('=')[0] ?? '';
  try {
    parseCommandLine(
      args.map((other) => (other === arg ? flag : other)),
      specs,
      style,
    );
  } catch (error) {
    if (error instanceof UserError && error.message.includes(`'${flag}'`)) return error;
  }
  return usageError('COMMAND_LINE', `${flag} takes no value`, TO_SEE_HELP);
}
