import type { ImageId } from '../../domain/image-id.ts';

/**
 * Rows of one exclude file: `ids[i]` stood on `idLines[i]`. A row with several readings stands here several times. A rule of
 * `--exclude-id` has one row, which is its glob.
 */
export interface ProtectedBatch {
  readonly rule: RuleName;
  /** How many rows these are. */
  readonly rowCount: number;
  readonly ids: readonly ImageId[];
  readonly idLines: readonly number[];
  readonly patterns: readonly string[];
  readonly patternLines: readonly number[];
}

/** An exclude file, a pattern of `--exclude-id`, or the age of `--protect-newer-than`. */
export interface RuleName {
  /** As the person gave it. */
  readonly name: string;
  /** Absolute: the same file is the same rule, however it was given. Of a pattern and an age, the name again. */
  readonly path: string;
  /** Its IDs protect themselves alone, not other spellings. */
  readonly isLiteral: boolean;
  /** As it was given; `undefined`: found from content. */
  readonly column: string | undefined;
  /** The pattern of `--exclude-id`; `undefined`: an exclude file. */
  readonly glob?: string;
}
