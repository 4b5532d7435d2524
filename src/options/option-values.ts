import { usageError } from '../domain/errors.ts';
import { envNameOf, type CommandName, type OptionSpec } from './option-spec.ts';
import { parseBoolean } from './parse/text.ts';

/** Options given as flags: name → the values in their order; `true` for a flag without value. */
export type FlagTexts = ReadonlyMap<string, readonly string[]>;

export type Env = Readonly<Record<string, string | undefined>>;

type Table<V> = { readonly [K in keyof V]: OptionSpec<V[K]> };

/**
 * Puts flags, environment and defaults together; a flag wins over a variable, a variable over the default. An option
 * that the command does not have keeps its default, whatever its variable says.
 */
export function optionValues<V>(table: Table<V>, command: CommandName, flags: FlagTexts, env: Env): V {
  const keys = Object.keys(table) as (keyof V)[];
  return Object.fromEntries(keys.map((key) => [key, optionValue(table[key], command, flags, env)])) as V;
}

function optionValue<T>(spec: OptionSpec<T>, command: CommandName, flags: FlagTexts, env: Env): T {
  if (!spec.commands.includes(command)) return spec.defaultValue;

  const texts = flags.get(spec.name);
  if (texts !== undefined) return spec.read(texts, `--${spec.name}`);

  const envName = spec.envNames.find((name) => (env[name] ?? '') !== '');
  if (envName === undefined) return spec.defaultValue;
  const text = env[envName] ?? '';
  if (spec.argument === undefined) return spec.read([String(parseBoolean(text, envName))], envName);
  return spec.read(spec.isRepeatable ? nonEmptyLines(text, envName) : [text], envName);
}

function nonEmptyLines(text: string, envName: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > 0) return lines;
  throw usageError('OPTION_VALUE', `${envName} holds only blank lines`, 'Give one value a line, or unset it');
}

/** Options of the contract that this version does not have, and variables that only containers use. */
const KNOWN_ELSEWHERE: readonly string[] = ['shards', 'quota-redis-file', 'backup', 'verify', 'metrics-file', 'metrics-listen', 'not-in'];

/** Variables that look like ours and are not: most likely misspelt, so the person should hear of them. */
export function unknownEnvNames(specs: readonly OptionSpec<unknown>[], env: Env): readonly string[] {
  const known = new Set([...specs.map((spec) => envNameOf(spec.name)), ...KNOWN_ELSEWHERE.map(envNameOf)]);
  return Object.keys(env).filter((name) => name.startsWith('IMAGES_PURGE_') && !known.has(name));
}

/** Ignoring one of these in silence would delete more, or with less care, than the person asked for. */
const PROMISES_NOT_KEPT: readonly { readonly option: string; readonly commands: readonly CommandName[]; readonly why: string }[] = [
  { option: 'backup', commands: ['delete', 'plan', 'resume'], why: 'this version of images-purge cannot do what it asks for' },
  { option: 'verify', commands: ['delete', 'plan', 'resume'], why: 'this version of images-purge cannot do what it asks for' },
  { option: 'dry-run', commands: ['resume'], why: 'resume has no dry run: it deletes' },
];

/** Refuses a run whose environment asks for protection that the command cannot give. */
export function refuseUnkeptPromises(command: CommandName, env: Env): void {
  for (const { option, commands, why } of PROMISES_NOT_KEPT) {
    const name = envNameOf(option);
    const text = (env[name] ?? '').trim().toLowerCase();
    if (commands.includes(command) && !['', '0', 'false', 'no'].includes(text)) {
      throw usageError('OPTION_NOT_OFFERED', `${name} is set, but ${why}`, 'Unset it to go on without');
    }
  }
}
