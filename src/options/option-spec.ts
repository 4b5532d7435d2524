import { usageError } from '../domain/errors.ts';

export type CommandName = 'delete' | 'plan' | 'resume' | 'status' | 'report' | 'simulate';

/** Every command, in the order help lists them. */
export const COMMAND_NAMES: readonly CommandName[] = ['delete', 'plan', 'resume', 'status', 'report', 'simulate'];

/** One option: what the parser, the environment, help and the documentation know about it. */
export interface OptionSpec<T> {
  /** Without the leading dashes. */
  readonly name: string;
  /** One letter, without its dash. */
  readonly short: string | undefined;
  /** What its value is called; `undefined` where it takes none. */
  readonly argument: string | undefined;
  readonly isRepeatable: boolean;
  /** Variables that are read where no flag is given, the first that is not empty wins. */
  readonly envNames: readonly string[];
  /** The heading it stands under in help. */
  readonly group: string;
  readonly commands: readonly CommandName[];
  readonly help: string;
  /** The default as a person would write it; `undefined` where help already says what happens without the option. */
  readonly defaultText: string | undefined;
  readonly defaultValue: T;
  /**
   * @param texts - the values given: at least one
   * @param label - how they were given: `--rate` or `IMAGES_PURGE_RATE`
   */
  readonly read: (texts: readonly string[], label: string) => T;
}

interface Described {
  readonly group: string;
  readonly commands: readonly CommandName[];
  readonly help: string;
  readonly short?: string;
  readonly defaultText?: string;
  /** Variables of other tools that mean the same. */
  readonly moreEnvNames?: readonly string[];
  /** The variable's name belongs to another command's option of the same name. */
  readonly hasNoEnv?: true;
}

/** An option with one value; giving it twice is an error, since one of the two would be ignored in silence. */
export function valueOption<T, D>(
  name: string,
  argument: string,
  parse: (text: string, label: string) => T,
  defaultValue: D,
  described: Described,
): OptionSpec<T | D> {
  return {
    ...common(name, described),
    argument,
    isRepeatable: false,
    defaultValue,
    read: ([text = '', ...more], label) => {
      if (more.length > 0) {
        throw usageError('OPTION_TWICE', `${label} is given ${more.length + 1} times, but only one value can count`);
      }
      return parse(text, label);
    },
  };
}

/** An option that may be given several times; in its variable, one value a line. */
export function listOption(
  name: string,
  argument: string,
  parse: (text: string, label: string) => string,
  described: Described,
): OptionSpec<readonly string[]> {
  return {
    ...common(name, described),
    argument,
    isRepeatable: true,
    defaultValue: [],
    read: (texts, label) => texts.map((text) => parse(text, label)),
  };
}

/** An option that is there or not. Its texts are `true` or `false`, already understood. */
export function flagOption(name: string, described: Described): OptionSpec<boolean> {
  return {
    ...common(name, described),
    argument: undefined,
    isRepeatable: false,
    defaultValue: false,
    read: (texts) => texts.includes('true'),
  };
}

/** `--max-age` reads `IMAGES_PURGE_MAX_AGE`. */
export function envNameOf(optionName: string): string {
  return `IMAGES_PURGE_${optionName.toUpperCase().replaceAll('-', '_')}`;
}

function common(
  name: string,
  described: Described,
): Pick<OptionSpec<never>, 'name' | 'short' | 'envNames' | 'group' | 'commands' | 'help' | 'defaultText'> {
  return {
    name,
    short: described.short,
    envNames: described.hasNoEnv === true ? [] : [envNameOf(name), ...(described.moreEnvNames ?? [])],
    group: described.group,
    commands: described.commands,
    help: described.help,
    defaultText: described.defaultText,
  };
}
