/**
 * What a value of a list is, decided here for sources and for the library: a usable ID and what it looks like, noise,
 * or nothing that could be sent.
 *
 * @module
 */
import { type ImageId, parseImageId } from '../domain/image-id.ts';
import { noiseOf } from './noise.ts';
import { isPlain } from './marks.ts';
import { NONE, suspiciousKinds } from './suspicious-kinds.ts';

export type ClassifiedValue =
  | {
      readonly kind: 'id';
      readonly id: ImageId;
      /** Names of `suspicious-kinds.ts`. */
      readonly suspicious: readonly string[];
      /** What is shown of a kind where the ID is no example of it. */
      readonly examples?: Readonly<Record<string, string>>;
    }
  /** `noise` is nobody's image; `unusable` could not be sent. */
  | { readonly kind: 'noise' | 'unusable'; readonly reason: string };

/** @param value - as read */
export function classifyValue(value: string): ClassifiedValue {
  const parsed = parseImageId(value);
  if (parsed.kind !== 'id') return parsed;
  const { id } = parsed;
  if (isPlain(id)) return { kind: 'id', id, suspicious: NONE };
  const noise = noiseOf(id);
  return noise === undefined ? { kind: 'id', id, suspicious: suspiciousKinds(id) } : { kind: 'noise', reason: noise.reason };
}

/** A value that is said to be an ID exactly as it stands. */
export function literalValue(value: string): ClassifiedValue {
  const parsed = parseImageId(value);
  return parsed.kind === 'id' ? { ...parsed, suspicious: NONE } : parsed;
}
