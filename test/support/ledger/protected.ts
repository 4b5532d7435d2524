import type { ProtectedBatch } from '../../../src/checkpoint/protect/protected-batch.ts';
import { imageId } from './checkpoint.ts';

/** The rows of an exclude file with one ID a line. */
export function protectedIds(ids: readonly string[], name: string = 'keep.txt'): ProtectedBatch {
  return {
    rule: { name, path: `/lists/${name}`, isLiteral: false, column: undefined },
    rowCount: ids.length,
    ids: ids.map(imageId),
    idLines: ids.map((_, index) => index + 1),
    patterns: [],
    patternLines: [],
  };
}
