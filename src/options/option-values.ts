import { usageError } from '../domain/errors.ts';
import type { Env } from './env.ts';
import { OPTIONS, type Option, type OptionKey, optionsTaken, type OptionValues, type OwnDefaults } from './option-table.ts';
import { isOfService } from './unknown-variables.ts';

/** The options that were given, by a flag or a variable, each with its texts. */
export type GivenTexts = ReadonlyMap<OptionKey, readonly string[]>;

/** Options given as flags: name → the values in their order; `true` for a flag without value. */
export type FlagTexts = ReadonlyMap<string, readonly string[]>;

/**
 * Puts flags, environment and defaults together; a flag wins over a variable, a variable over the default; those
 * that protect add up. An option that the command does not take keeps its default, whatever its variable says.
 *
 * @param taken - the options that the command takes
 * @param own - defaults of the command's own
 */
export function optionValues(taken: readonly OptionKey[], flags: FlagTexts, env: Env, own: OwnDefaults = {}): OptionValues {
  const options = new Map(optionsTaken(taken, own).map((option) => [option.key, option]));
  return valuesBy((known) => {
    const option = options.get(known.key);
    return option === undefined ? known.defaultValue : givenValue(option, flags, env);
  });
}

/**
 * The values that a program gives, each by its key. They are checked by the same bounds as texts, and none is made a text
 * for that. The environment says nothing here.
 */
export function programValues(given: Readonly<Record<string, unknown>>): OptionValues {
  return valuesBy((option) => {
    const value = given[option.key];
    if (!option.inLibrary || value === undefined) return option.defaultValue;
    const label = `--${option.name}`;
    if (!option.isRepeatable) return option.check(value, label);
    return (Array.isArray(value) ? (value as unknown[]) : [value]).map((one) => option.check(one, label));
  });
}

/**
 * What texts say for an option.
 *
 * @param texts - at least one
 * @param label - how they were given: `--rate` or `IMAGES_PURGE_RATE`
 */
export function valueFromTexts(option: Option, texts: readonly string[], label: string): unknown {
  if (option.isRepeatable) return texts.map((text) => option.fromText(text, label));
  const [text = ''] = texts;
  // One of two values would be ignored in silence. A flag says the same however often it is given.
  if (texts.length > 1 && option.argument !== undefined) {
    throw usageError('OPTION_TWICE', `${label} is given ${texts.length} times, but only one value can count`);
  }
  return option.fromText(text, label);
}

function valuesBy(valueOf: (option: Option) => unknown): OptionValues {
  // Each option is read as its definition says, and the type is inferred from the same definition.
  return Object.fromEntries(OPTIONS.map((option) => [option.key, valueOf(option)])) as OptionValues;
}

function givenValue(option: Option, flags: FlagTexts, env: Env): unknown {
  const flagTexts = flags.get(option.name);
  const fromFlags = flagTexts === undefined ? undefined : valueFromTexts(option, flagTexts, `--${option.name}`);
  if (fromFlags !== undefined && !option.addsUp) return fromFlags;
  const fromEnv = valueFromEnv(option, env);
  if (!option.addsUp) return fromEnv ?? option.defaultValue;
  if (!option.isRepeatable) return wider(fromFlags, fromEnv) ?? option.defaultValue;
  return [...new Set([...((fromFlags ?? []) as unknown[]), ...((fromEnv ?? []) as unknown[])])];
}

/** What protects more of two values that add up: both are durations. */
function wider(a: unknown, b: unknown): unknown {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a as number, b as number);
}

/** The texts alone, for commands that repeat them. */
export function givenTexts(taken: readonly OptionKey[], flags: FlagTexts, env: Env): GivenTexts {
  return new Map(
    OPTIONS.filter(({ key }) => taken.includes(key)).flatMap((option) => {
      const fromFlags = flags.get(option.name) ?? [];
      const fromEnv = fromFlags.length > 0 && !option.addsUp ? [] : variableTexts(option, setVariables(option, env)[0], env);
      const texts = [...new Set([...fromFlags, ...fromEnv])];
      return texts.length === 0 ? [] : [[option.key, option.addsUp && !option.isRepeatable ? widest(option, texts) : texts] as const];
    }),
  );
}

/** A command takes the option once. */
function widest({ name, fromText }: Option, texts: readonly string[]): readonly string[] {
  const ms = (text: string): number => fromText(text, `--${name}`) as number;
  return texts.toSorted((a, b) => ms(b) - ms(a)).slice(0, 1);
}

function valueFromEnv(option: Option, env: Env): unknown {
  const [first, ...others] = setVariables(option, env).map((name) => ({
    name,
    value: valueFromTexts(option, variableTexts(option, name, env), name),
  }));
  if (first === undefined) return undefined;
  const differing = others.find(({ value }) => comparable(value) !== comparable(first.value));
  if (differing === undefined) return first.value;
  throw usageError(
    'OPTION_TWICE',
    `${first.name} and ${differing.name} are both set, and differ`,
    `Unset one of them, or give --${option.name}`,
  );
}

function setVariables({ envNames }: Option, env: Env): readonly string[] {
  return envNames.filter((name) => (env[name] ?? '') !== '' && !isOfService(name, env[name] ?? ''));
}

function variableTexts(option: Option, name: string | undefined, env: Env): readonly string[] {
  if (name === undefined) return [];
  const text = env[name] ?? '';
  return option.isRepeatable ? nonEmptyLines(text, name) : [text];
}

/** Account IDs compare without case. */
function comparable(value: unknown): string {
  return String(value).toLowerCase();
}

function nonEmptyLines(text: string, envName: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > 0) return lines;
  throw usageError('OPTION_VALUE', `${envName} holds only blank lines`, 'Give one value a line, or unset it');
}
