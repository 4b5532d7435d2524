/**
 * The one way to make an {@link ImageId}. No request is built from a raw string: an empty cell must not delete a
 * collection, and `variants/hero` must not delete a variant.
 *
 * @module
 */

declare const imageIdBrand: unique symbol;

/** An ID that may be sent: checked by {@link parseImageId}, exactly as its source spelled it. */
export type ImageId = string & { readonly [imageIdBrand]: 'ImageId' };

/** A usable ID that looks as if it were something else. */
export interface SuspiciousId {
  readonly id: ImageId;
  readonly line: number;
  /** Names of `plan/suspicious-kinds.ts`. */
  readonly kinds: readonly string[];
  /** What is shown of a kind where it is not the ID. */
  readonly examples?: Readonly<Record<string, string>>;
}

export type ParsedImageId = { readonly kind: 'id'; readonly id: ImageId } | { readonly kind: 'unusable'; readonly reason: string };

/** Cloudflare's documented maximum for custom IDs, in characters (code points). */
export const IMAGE_ID_CHARACTERS_MAX = 1024;

/** Routes beside images under `images/v1/`: an ID of such a name would address the route, not an image. */
export const SIBLING_ROUTES: readonly string[] = ['variants', 'keys', 'stats', 'batch_token', 'config', 'direct_upload'];

const PLAIN_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{6,}$/;
const WHITE_SPACE = /^\p{White_Space}$/u;
const CONTROL_CHARACTER = /\p{Cc}/u;
const URL_START = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/** Trims white space around a value and nothing else: no normalisation, no case folding. */
export function trimValue(value: string): string {
  // By index: a pattern anchored at the end tries again at each space, and a megabyte of spaces would take minutes.
  let start = 0;
  let end = value.length;
  while (start < end && WHITE_SPACE.test(value.charAt(start))) start++;
  while (end > start && WHITE_SPACE.test(value.charAt(end - 1))) end--;
  return value.slice(start, end);
}

/**
 * Decides whether a value from a source can be sent as an image ID.
 *
 * @param value - the value as read; white space around it is not part of it
 */
export function parseImageId(value: string): ParsedImageId {
  // Nearly all IDs are UUIDs and slugs. Longer than any sibling route, and without a `_`, they need this one test only.
  if (value.length <= 64 && PLAIN_ID.test(value) && !SIBLING_ROUTES.includes(value)) return usable(value);

  const id = trimValue(value);
  if (id === '') return unusable('empty');
  if (id === '.' || id === '..') return unusable('a dot segment');
  if (CONTROL_CHARACTER.test(id)) return unusable('holds a control character');
  if (!id.isWellFormed()) return unusable('holds a lone surrogate');
  if (id.includes('\uFFFD')) return unusable('holds U+FFFD, the mark of text that was decoded wrongly');
  if (URL_START.test(id)) return unusable('is a URL, not an ID (for delivery URLs: --delivery-urls)');
  if (id.startsWith('/')) return unusable('begins with "/"');
  if (id.endsWith('/')) return unusable('ends with "/"');
  if (SIBLING_ROUTES.some((route) => id === route || id.startsWith(`${route}/`))) {
    return unusable('names a sibling route');
  }
  if (characterCount(id) > IMAGE_ID_CHARACTERS_MAX) {
    return unusable(`longer than ${IMAGE_ID_CHARACTERS_MAX} characters`);
  }
  return usable(id);
}

/** The ID as one path segment: `/` becomes `%2F`, `%` becomes `%25`. */
export function imageIdSegment(id: ImageId): string {
  // Nearly every ID is a UUID or a slug, which stays as it is.
  return PLAIN_ID.test(id) ? id : encodeURIComponent(id);
}

function characterCount(text: string): number {
  if (text.length <= IMAGE_ID_CHARACTERS_MAX) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function usable(value: string): ParsedImageId {
  return { kind: 'id', id: value as ImageId };
}

function unusable(reason: string): ParsedImageId {
  return { kind: 'unusable', reason };
}
