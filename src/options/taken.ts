/**
 * What may stand in a place of the command line, for a shell that completes it.
 *
 * @module
 */

import type { OptionDefinition } from './option-definition.ts';

export type Taken =
  /** `isList`: several of them, parted by commas. */
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly isList: boolean }
  | { readonly kind: 'files' | 'folders' | 'checkpoints' }
  /** Numbers, times, names: there is nothing to choose from. */
  | { readonly kind: 'unknown' };

export const FILES: Taken = { kind: 'files' };
export const FOLDERS: Taken = { kind: 'folders' };
export const CHECKPOINTS: Taken = { kind: 'checkpoints' };

export function oneOf(words: readonly string[]): Taken {
  return { kind: 'words', words, isList: false };
}

/** What an option takes, by its type and by what help calls its value. */
export function takenBy({ value, argument }: OptionDefinition): Taken {
  if (value.type === 'choice' || value.type === 'choices') return { kind: 'words', words: value.of, isList: value.type === 'choices' };
  if (argument === 'DIR') return FOLDERS;
  return argument === 'FILE' ? FILES : { kind: 'unknown' };
}
