import { usageError } from '../domain/errors.ts';
import { metaValue } from './image.ts';

const OPERATORS = ['eq', 'gt', 'gte', 'lt', 'lte', 'in'] as const;
const TYPES = ['string', 'number', 'boolean'] as const;

/** `--meta key[op]=value`: what the metadata of an image must hold. */
export interface MetaCondition {
  /** A key, or keys one within the other: `region.name`. */
  readonly path: string;
  readonly operator: (typeof OPERATORS)[number];
  /** Of the value; `undefined`: any that is written so. */
  readonly type: (typeof TYPES)[number] | undefined;
  /** Several with the operator `in` alone. */
  readonly values: readonly string[];
}

const CONDITION = /^([^[\]=]+)(?:\[([a-z]+)(?::([a-z]+))?\])?=(.*)$/s;
/** What the API takes. */
const LEVELS_MAX = 5;
const ALTERNATIVES_MAX = 10;

/** @param label - how the text was given: `--meta` */
export function parseMetaCondition(text: string, label: string): MetaCondition {
  const [, path, operatorText = 'eq', typeText, value = ''] = CONDITION.exec(text) ?? [];
  const operator = OPERATORS.find((known) => known === operatorText);
  const type = TYPES.find((known) => known === typeText);
  if (path === undefined || operator === undefined || (typeText !== undefined && type === undefined)) throw malformed(text, label);
  const isRange = isRangeOperator(operator);
  const values = operator === 'in' ? value.split('|') : [value];
  if ((isRange || type === 'number') && !values.every(isNumber)) throw malformed(text, label, `${operator} takes a number here`);
  if (isRange && type !== undefined && type !== 'number') throw malformed(text, label, `${operator} compares numbers alone`);
  if (type === 'boolean' && !values.every(isBoolean)) throw malformed(text, label, 'a boolean is true or false');
  return { path, operator, type, values };
}

function malformed(text: string, label: string, why?: string): Error {
  return usageError(
    'OPTION_VALUE',
    `${label} must be key[op]=value, got ${JSON.stringify(text)}${why === undefined ? '' : `: ${why}`}`,
    "Examples: 'status[eq]=active' 'priority[gte]=3' 'status[in]=gone|old' 'size[eq:number]=5' 'region.name[eq]=eu'",
    'Operators: eq, gt, gte, lt, lte, in',
  );
}

/** Whether the metadata of an image is as the condition says. */
export function meetsMeta(meta: Readonly<Record<string, unknown>>, { path, operator, type, values }: MetaCondition): boolean {
  const found = metaValue(meta, path);
  if (isRangeOperator(operator)) return typeof found === 'number' && isBeyond(found, Number(values[0]), operator);
  if (type !== undefined && typeof found !== type) return false;
  switch (typeof found) {
    case 'string':
      return values.includes(found);
    case 'number':
      return values.some((value) => isNumber(value) && Number(value) === found);
    case 'boolean':
      return values.includes(String(found));
    default:
      return false;
  }
}

/**
 * The condition as a parameter of the API; `undefined` where that may choose fewer images than {@link meetsMeta}: nothing says whether
 * a plain `5` or `true` means a text to the API.
 */
export function metaParameter({ path, operator, type, values }: MetaCondition): readonly [name: string, value: string] | undefined {
  const isPlain = type === undefined && !isRangeOperator(operator);
  if (isPlain && values.some((value) => isNumber(value) || isBoolean(value))) return undefined;
  if (path.split('.').length > LEVELS_MAX || values.length > ALTERNATIVES_MAX) return undefined;
  return [`meta.${path}[${operator}${type === undefined ? '' : `:${type}`}]`, values.join('|')];
}

type RangeOperator = Exclude<MetaCondition['operator'], 'eq' | 'in'>;

function isRangeOperator(operator: MetaCondition['operator']): operator is RangeOperator {
  return operator !== 'eq' && operator !== 'in';
}

function isBeyond(found: number, bound: number, operator: RangeOperator): boolean {
  switch (operator) {
    case 'gt':
      return found > bound;
    case 'gte':
      return found >= bound;
    case 'lt':
      return found < bound;
    case 'lte':
      return found <= bound;
  }
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

function isBoolean(text: string): boolean {
  return text === 'true' || text === 'false';
}
