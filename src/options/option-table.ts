/**
 * Every option there is, from the definitions in `definitions/`. The command line, the environment, help, docs/options.md's
 * table and the types of the values follow from it.
 *
 * @module
 */

import { ACCOUNT_OPTIONS } from './definitions/account.ts';
import { FILE_OPTIONS } from './definitions/files.ts';
import { GUARD_OPTIONS } from './definitions/guards.ts';
import { LOG_OPTIONS, RESULT_OPTIONS } from './definitions/output.ts';
import { LISTING_OPTIONS } from './definitions/listing.ts';
import { METRICS_OPTIONS } from './definitions/metrics.ts';
import { PACE_OPTIONS } from './definitions/pace.ts';
import { RESTORING_OPTIONS } from './definitions/restoring.ts';
import { RUN_OPTIONS } from './definitions/running.ts';
import { SIMULATED_API_OPTIONS } from './definitions/simulated-api.ts';
import { SOURCE_OPTIONS } from './definitions/sources.ts';
import { envNameOf } from './env.ts';
import type { GivenOf, OptionDefinition, ReadValues, TypeName, ValueOf } from './option-definition.ts';
import { type Taken, takenBy } from './taken.ts';
import { boundsOf, readerOf, type ValueReader } from './value-types.ts';

export type OptionTable = typeof ACCOUNT_OPTIONS &
  typeof SOURCE_OPTIONS &
  typeof FILE_OPTIONS &
  typeof PACE_OPTIONS &
  typeof GUARD_OPTIONS &
  typeof RUN_OPTIONS &
  typeof LOG_OPTIONS &
  typeof METRICS_OPTIONS &
  typeof RESULT_OPTIONS &
  typeof LISTING_OPTIONS &
  typeof RESTORING_OPTIONS &
  typeof SIMULATED_API_OPTIONS;

export type OptionKey = keyof OptionTable;

/** What the options amount to once flags, environment and defaults are put together. */
export type OptionValues = { readonly [K in OptionKey]: ValueOf<OptionTable[K]> };

/** What a program may give to `purge()`. */
export type LibraryOptions = {
  readonly [K in OptionKey as OptionTable[K]['inLibrary'] extends true ? K : never]?: GivenOf<OptionTable[K]>;
};

type Group = Readonly<Record<string, OptionDefinition>>;

/** In the order of help, each under its heading. */
const GROUPS: readonly (readonly [heading: string, options: Group])[] = [
  ['Account', ACCOUNT_OPTIONS],
  ['Images', LISTING_OPTIONS],
  ['Restoring', RESTORING_OPTIONS],
  ['Sources', SOURCE_OPTIONS],
  ['Files', FILE_OPTIONS],
  ['Pace', PACE_OPTIONS],
  ['Limits and guards', GUARD_OPTIONS],
  ['Running', RUN_OPTIONS],
  ['Output', { ...LOG_OPTIONS, ...METRICS_OPTIONS, ...RESULT_OPTIONS }],
  ['Simulated API', SIMULATED_API_OPTIONS],
];

/** An option with everything decided that its definition may leave out. */
export interface Option extends ValueReader<ReadValues[TypeName]> {
  readonly key: OptionKey;
  readonly name: string;
  readonly short: string | undefined;
  /** `undefined`: a flag. */
  readonly argument: string | undefined;
  readonly isRepeatable: boolean;
  /** Flags and variable are put together. */
  readonly addsUp: boolean;
  /** Its value names a file. */
  readonly isFile: boolean;
  /** What its value may be, for completion. */
  readonly takes: Taken;
  /** Variables that are read where no flag is given; the first that is not empty wins. */
  readonly envNames: readonly string[];
  /** The heading it stands under in help. */
  readonly heading: string;
  readonly help: string;
  /** Which values are taken; `undefined` where nothing bounds them. */
  readonly bounds: string | undefined;
  readonly defaultText: string | undefined;
  readonly defaultValue: unknown;
  readonly inLibrary: boolean;
}

/** Every option, in the order of help. */
export const OPTIONS: readonly Option[] = GROUPS.flatMap(([heading, options]) =>
  Object.entries(options).map(([key, definition]) => optionOf(key as OptionKey, heading, definition)),
);

/** Where a command's defaults are others than those of the table, as a person would write them. */
export type OwnDefaults = Readonly<Partial<Record<OptionKey, string>>>;

/** The options that a command takes, in the order of help, with its own defaults. */
export function optionsTaken(keys: readonly OptionKey[], own: OwnDefaults = {}): readonly Option[] {
  return OPTIONS.filter(({ key }) => keys.includes(key)).map((option) => {
    const text = own[option.key];
    return text === undefined ? option : { ...option, defaultText: text, defaultValue: option.fromText(text, `--${option.name}`) };
  });
}

/** The keys of a group of options. */
export function keysOf<K extends OptionKey>(group: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(group) as K[];
}

function optionOf(key: OptionKey, heading: string, definition: OptionDefinition): Option {
  const { name, short, argument, help, inLibrary } = definition;
  const reader = readerOf(definition.value);
  return {
    ...reader,
    key,
    name,
    short,
    argument,
    isRepeatable: definition.isRepeatable === true,
    addsUp: definition.addsUp === true,
    isFile: definition.value.type === 'file',
    takes: takenBy(definition),
    envNames: definition.hasNoEnv === true ? [] : [envNameOf(name), ...(definition.moreEnvNames ?? [])],
    heading,
    help,
    bounds: boundsOf(definition.value),
    defaultText: definition.defaultText ?? definition.default,
    defaultValue: definition.default === undefined ? valueWithout(definition) : reader.fromText(definition.default, `--${name}`),
    inLibrary,
  };
}

function valueWithout({ value, isRepeatable, without }: OptionDefinition): unknown {
  if (isRepeatable === true) return [];
  return value.type === 'flag' ? false : without;
}
