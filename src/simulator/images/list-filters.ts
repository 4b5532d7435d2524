/**
 * The filters of list v2, as the API describes them: `creator`, and `meta.<field>[<operator>]` with the operators eq, gt, gte, lt, lte
 * and in, each with a type behind a colon or without.
 *
 * @module
 */
import type { SimulatedImage } from '../simulator-options.ts';

export type ListFilter = (image: SimulatedImage) => boolean;

/** In one question, the creator included. */
const CONDITIONS_MAX = 5;
const LEVELS_MAX = 5;
const ALTERNATIVES_MAX = 10;
const NOT_FILTERS: readonly string[] = ['per_page', 'continuation_token', 'sort_order'];
const META = /^meta\.([^[\]]+)\[(eq|in|gt|gte|lt|lte)(?::(string|number|boolean))?\]$/;

/** The filters of a question, or why it is refused: an unknown filter never gives the unfiltered list. */
export function listFilters(query: URLSearchParams): readonly ListFilter[] | string {
  const filters: ListFilter[] = [];
  for (const [name, value] of query) {
    if (NOT_FILTERS.includes(name)) continue;
    const filter = name === 'creator' ? creatorFilter(value) : metaFilter(name, value);
    if (typeof filter === 'string') return filter;
    filters.push(filter);
  }
  return filters.length > CONDITIONS_MAX ? `at most ${CONDITIONS_MAX} filters are supported` : filters;
}

/** An empty one asks for images without a creator. */
function creatorFilter(wanted: string): ListFilter {
  return ({ creator }) => (creator ?? '') === wanted;
}

function metaFilter(name: string, value: string): ListFilter | string {
  const [, path = '', operator = '', type] = META.exec(name) ?? [];
  if (path === '') return `unsupported filter ${name}`;
  const keys = path.split('.');
  if (keys.length > LEVELS_MAX) return `at most ${LEVELS_MAX} levels of metadata are supported`;
  const found = ({ meta = {} }: SimulatedImage): unknown =>
    keys.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), meta);
  if (operator === 'eq' || operator === 'in') {
    const wanted = operator === 'in' ? value.split('|') : [value];
    if (wanted.length > ALTERNATIVES_MAX) return `at most ${ALTERNATIVES_MAX} alternatives are supported`;
    return (image) => wanted.some((one) => isEqual(found(image), one, type));
  }
  const bound = Number(value);
  if (value.trim() === '' || Number.isNaN(bound) || (type ?? 'number') !== 'number') return `${operator} takes a number`;
  return (image) => {
    const number = found(image);
    return typeof number === 'number' && isBeyond(number, bound, operator);
  };
}

function isEqual(value: unknown, wanted: string, type: string | undefined): boolean {
  if (type !== undefined && typeof value !== type) return false;
  // `Number('')` is 0.
  if (typeof value === 'number') return wanted.trim() !== '' && value === Number(wanted);
  return ['string', 'boolean'].includes(typeof value) && String(value) === wanted;
}

function isBeyond(number: number, bound: number, operator: string): boolean {
  switch (operator) {
    case 'gt':
      return number > bound;
    case 'gte':
      return number >= bound;
    case 'lt':
      return number < bound;
    default:
      return number <= bound;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
