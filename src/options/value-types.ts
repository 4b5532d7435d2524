import { TIMER_MS_MAX } from '../domain/clock.ts';
import { durationText } from '../domain/spelling/duration-text.ts';
import { usageError } from '../domain/errors.ts';
import type { ReadValues, TypeName, ValueType } from './option-definition.ts';
import { parseDuration } from './parse/duration.ts';
import { parseConfirmedSet, confirmedSetFromNumber } from './parse/confirmed-set.ts';
import { parseListenAddress } from './parse/listen-address.ts';
import { countMaxFromNumber, integerInBounds, parseCountMax, parseInteger, parsePercentUpTo, WHOLE_MAX } from './parse/number.ts';
import { parseRate, RATE_REQUESTS_MAX } from './parse/rate.ts';
import { parseRedisUrl } from './parse/redis-url.ts';
import { parseShard, SHARD_COUNT_MAX } from './parse/shard.ts';
import {
  parseAccountId,
  parseBoolean,
  parseChoice,
  parseChoices,
  parseDelimiter,
  parseFilePath,
  parseIdGlob,
  parseNote,
  parseQuote,
  parseText,
} from './parse/text.ts';
import { parseBaseUrl } from './parse/url.ts';

/** How the values of one type are read. Both throw a `UserError` (exit 2) for what is not one. */
export interface ValueReader<T> {
  /** @param label - how the text was given: `--rate` or `IMAGES_PURGE_RATE` */
  readonly fromText: (text: string, label: string) => T;
  /** A value from a program. Texts mean what they mean on the command line. */
  readonly check: (value: unknown, label: string) => T;
}

type TypeNamed<K extends TypeName> = Extract<ValueType, { readonly type: K }> & { readonly type: K };

const READERS: { readonly [K in TypeName]: (type: TypeNamed<K>) => ValueReader<ReadValues[K]> } = {
  flag: () => textOr('boolean', parseBoolean, (value) => value),
  text: () => textOnly(parseText),
  note: () => textOnly(parseNote),
  file: () => textOnly(parseFilePath),
  integer: ({ min, max }) => textOr('number', parseInteger(min, max), (value, label) => integerInBounds(value, min, max, label, value)),
  percent: ({ max }) => textOnly(parsePercentUpTo(max)),
  duration: ({ maxMs }) => textOnly(parseDuration(maxMs)),
  choice: ({ of }) => textOnly(parseChoice(of)),
  choices: ({ of }) => textOnly(parseChoices(of)),
  rate: () => textOnly(parseRate),
  shard: () => textOnly(parseShard),
  'count-max': ({ of }) => textOr('number', parseCountMax(of), countMaxFromNumber(of)),
  'confirmed-set': () => textOr('number', parseConfirmedSet, confirmedSetFromNumber),
  'account-id': () => textOnly(parseAccountId),
  'base-url': () => textOnly(parseBaseUrl),
  'redis-url': () => textOnly(parseRedisUrl),
  'listen-address': () => textOnly(parseListenAddress),
  delimiter: () => textOnly(parseDelimiter),
  quote: () => textOnly(parseQuote),
  glob: () => textOnly(parseIdGlob),
};

/** What help says of the values that are taken, both ends included. A type without an entry has no bounds but its words. */
const BOUNDS: { readonly [K in TypeName]?: (type: TypeNamed<K>) => string } = {
  integer: ({ min, max }) => `${min} to ${max}`,
  percent: ({ max }) => `0% to ${max}%`,
  duration: ({ maxMs }) => `1ms to ${durationText(maxMs)}`,
  rate: () => `1 to ${RATE_REQUESTS_MAX} in 1ms to ${durationText(TIMER_MS_MAX)}`,
  shard: () => `N 1 to ${SHARD_COUNT_MAX}`,
  'count-max': () => `0 to ${WHOLE_MAX}, or 0% to 100%`,
};

/** The bounds of a type's values, for help. */
export function boundsOf(type: ValueType): string | undefined {
  return (BOUNDS[type.type] as ((type: ValueType) => string) | undefined)?.(type);
}

/** What reads the values of a type. */
export function readerOf(type: ValueType): ValueReader<ReadValues[TypeName]> {
  // The table's own type says that each reader gets the type of its name.
  return (READERS[type.type] as (type: ValueType) => ValueReader<ReadValues[TypeName]>)(type);
}

function textOnly<T>(fromText: ValueReader<T>['fromText']): ValueReader<T> {
  return {
    fromText,
    check(value, label) {
      if (typeof value === 'string') return fromText(value, label);
      throw notOfType('a text', value, label);
    },
  };
}

interface Plain {
  readonly boolean: boolean;
  readonly number: number;
}

/** A program gives a number or a boolean as such; the text of the command line is taken too. */
function textOr<T, P extends keyof Plain>(
  plain: P,
  fromText: ValueReader<T>['fromText'],
  fromPlain: (value: Plain[P], label: string) => T,
): ValueReader<T> {
  return {
    fromText,
    check(value, label) {
      if (typeof value === 'string') return fromText(value, label);
      if (typeof value === plain) return fromPlain(value as Plain[P], label);
      throw notOfType(`a ${plain}`, value, label);
    },
  };
}

/** The value itself may be a secret or an object of any size: its type is enough to find the mistake. */
function notOfType(wanted: string, value: unknown, label: string): Error {
  const given = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
  return usageError('OPTION_VALUE', `${label} must be ${wanted}, got ${given}`);
}
