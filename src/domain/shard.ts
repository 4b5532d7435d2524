import { hash } from 'node:crypto';

/** One of `count` parts of a list; every ID is in exactly one of them. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/**
 * The shard an ID belongs to: the first four bytes of the SHA-256 of its UTF-8 text, as a big-endian number, modulo
 * `count`. The same on every platform and in every version; `printf %s ID | sha256sum` shows it to anybody.
 */
export function shardIndexOf(id: string, count: number): number {
  return Number.parseInt(hash('sha256', id, 'hex').slice(0, 8), 16) % count;
}
