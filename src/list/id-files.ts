import { createHash } from 'node:crypto';

import { ScratchIds } from '../checkpoint/find/scratch-ids.ts';
import type { ProtectedBatch } from '../checkpoint/protect/protected-batch.ts';
import { parseImageId } from '../domain/image-id.ts';
import { matchKey } from '../domain/spelling/match-key.ts';
import { PatternSet } from '../domain/spelling/pattern-set.ts';
import { type ExcludeFileOptions, type ProtectEffects, readProtectLists } from '../intake/protect-list.ts';

/** How files of IDs are read that choose images: as exclude files are. */
export type IdFileOptions = Omit<ExcludeFileOptions, 'excludePaths'>;

/** The IDs of `--in` or `--not-in`, in all their spellings and readings: an ID is found here exactly when `--exclude` would protect it. */
export class IdFiles implements Disposable {
  readonly #ids = new ScratchIds();
  readonly #hash = createHash('sha256');
  readonly #isLiteral: boolean;
  #patterns = new PatternSet<undefined>([]);

  private constructor({ excludeLiteral }: IdFileOptions) {
    this.#isLiteral = excludeLiteral;
  }

  /**
   * @param onRows - is told of all rows, too
   * @throws `UserError` (exit 2) where a file cannot be used as an exclude file could not
   */
  static async read(
    paths: readonly string[],
    options: IdFileOptions,
    effects: Omit<ProtectEffects, 'stage'>,
    onRows: (rows: ProtectedBatch) => void = () => undefined,
  ): Promise<IdFiles> {
    using opened = new DisposableStack();
    const files = opened.use(new IdFiles(options));
    const patterns = new Set<string>();
    await readProtectLists(
      { ...options, excludePaths: paths },
      {
        ...effects,
        stage(rows) {
          files.#hash.update(JSON.stringify([rows.ids, rows.patterns]));
          files.#ids.add(rows.ids);
          onRows(rows);
          for (const pattern of rows.patterns) patterns.add(pattern);
          return Promise.resolve();
        },
      },
    );
    files.#patterns = new PatternSet([...patterns].map((pattern) => [pattern, undefined]));
    opened.move();
    return files;
  }

  /** Names what the files hold: another content, another digest. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Whether a row of the files means this image, or one that is spelled much like it. */
  has(id: string): boolean {
    // An ID that could never be sent stands in no file of IDs.
    return parseImageId(id).kind === 'id' && (this.#hasEntry(id) || this.#patterns.find(id) !== undefined || this.#hasNearPattern(id));
  }

  [Symbol.dispose](): void {
    this.#ids[Symbol.dispose]();
  }

  #hasEntry(id: string): boolean {
    const hit = this.#ids.find(id);
    return hit !== undefined && (hit.nearEntry === undefined || !this.#isLiteral);
  }

  #hasNearPattern(id: string): boolean {
    return this.#patterns.findByKey(matchKey(id)) !== undefined;
  }
}
