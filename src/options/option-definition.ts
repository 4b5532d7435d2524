/**
 * What the definition of an option looks like, and the types that follow from it. The definitions themselves lie in
 * `definitions/`, by the group they stand under in help.
 *
 * @module
 */

import type { Rate } from '../domain/rate.ts';
import type { Shard } from '../domain/shard.ts';
import type { ConfirmedSet, CountMax } from '../run/run-options.ts';
import type { ListenAddress } from './parse/listen-address.ts';

/** What each type of value amounts to once it is read. `value-types.ts` reads them. */
export interface ReadValues {
  readonly flag: boolean;
  readonly text: string;
  readonly note: string;
  readonly file: string;
  readonly integer: number;
  readonly percent: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly choice: string;
  readonly choices: readonly string[];
  readonly rate: Rate;
  readonly shard: Shard;
  readonly 'count-max': CountMax;
  readonly 'confirmed-set': ConfirmedSet;
  readonly 'account-id': string;
  readonly 'base-url': string;
  readonly 'redis-url': string;
  readonly 'listen-address': ListenAddress;
  readonly delimiter: string;
  readonly quote: string;
  readonly glob: string;
}

export type TypeName = keyof ReadValues;

/** The type of an option's value, with its bounds (both included) or its words. */
export type ValueType =
  | { readonly type: Exclude<TypeName, 'integer' | 'percent' | 'count-max' | 'duration' | 'choice' | 'choices'> }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'percent'; readonly max: number }
  /** `of`: what a share is a share of */
  | { readonly type: 'count-max'; readonly of: string }
  | { readonly type: 'duration'; readonly maxMs: number }
  | { readonly type: 'choice' | 'choices'; readonly of: readonly string[] };

/** One option: everything that the command line, the environment, help, docs/options.md and the library know about it. */
export interface OptionDefinition {
  /** Without the leading dashes. */
  readonly name: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** What its value is called in help; a flag has none. */
  readonly argument?: string;
  readonly value: ValueType;
  /** May be given several times; in its variable, one value a line. */
  readonly isRepeatable?: true;
  /** It protects: what flags and its variable say is put together, where elsewhere a flag wins. Of two durations the longer holds. */
  readonly addsUp?: true;
  readonly help: string;
  /** The default as a person would write it. It is read like a text that was given. */
  readonly default?: string;
  /** The value without the option, where no text says it. Left out: `undefined`, for a flag `false`, for a list none. */
  readonly without?: unknown;
  /** What help shows as the default where `default` is not what decides. */
  readonly defaultText?: string;
  /** Variables of other tools that mean the same. */
  readonly moreEnvNames?: readonly string[];
  /** The variable's name belongs to another option of the same name. */
  readonly hasNoEnv?: true;
  /** `purge()` takes it, under its key in the table. */
  readonly inLibrary: boolean;
}

/** What an option's value is inside the program. */
export type ValueOf<D extends OptionDefinition> = D extends { readonly isRepeatable: true }
  ? readonly OneValueOf<D['value']>[]
  : OneValueOf<D['value']> | ValueWithout<D>;

/** What a program may give for an option: numbers and booleans where they say all, elsewhere the text of the command line. */
export type GivenOf<D extends OptionDefinition> = D extends { readonly isRepeatable: true }
  ? readonly string[]
  : D['value']['type'] extends 'flag'
    ? boolean
    : D['value']['type'] extends 'integer'
      ? number
      : D['value']['type'] extends 'count-max' | 'confirmed-set'
        ? number | string
        : string;

type OneValueOf<V extends ValueType> = V extends { readonly type: 'choices'; readonly of: readonly (infer Word)[] }
  ? readonly Word[]
  : V extends { readonly type: 'choice'; readonly of: readonly (infer Word)[] }
    ? Word
    : ReadValues[V['type']];

type ValueWithout<D extends OptionDefinition> = D extends { readonly default: string }
  ? never
  : D extends { readonly without: infer Value }
    ? Value
    : D['value']['type'] extends 'flag'
      ? false
      : undefined;
