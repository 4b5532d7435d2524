import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

import { inTransaction } from '../checkpoint/file/transaction.ts';
import { sqliteCode } from '../checkpoint/file/sqlite-error.ts';
import { idToKey } from '../checkpoint/format/id-key.ts';
import { createTables } from '../checkpoint/format/migrations.ts';
import { Protection } from '../checkpoint/protect/protection.ts';
import { addProtected } from '../checkpoint/protect/rules.ts';
import { parseImageId } from '../domain/image-id.ts';
import { storageError } from '../domain/errors.ts';
import { type ExcludeFileOptions, type ProtectEffects, readProtectLists } from '../intake/protect-list.ts';

/** How files of IDs are read that choose images: as exclude files are. */
export type IdFileOptions = Omit<ExcludeFileOptions, 'excludePaths'>;

/** Page cache of SQLite while it is filled: with its own 2 MB, millions of IDs in no order would be read and written again and again. */
const CACHE_KIB = 65_536;
const CACHE_KIB_FILLED = 8_192;

/** The IDs of `--in` or `--not-in`, in all their spellings and readings. They lie in a nameless SQLite file that ends with the process. */
export class IdFiles implements Disposable {
  readonly #db: DatabaseSync = new DatabaseSync('');
  readonly #hash = createHash('sha256');
  readonly #protection: Protection;

  private constructor() {
    // An ordinary checkpoint's tables, so that an ID is found here exactly when it would be protected there.
    this.#db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
    createTables(this.#db);
    this.#protection = new Protection(this.#db);
  }

  /** @throws `UserError` (exit 2) where a file cannot be used as an exclude file could not */
  static async read(paths: readonly string[], options: IdFileOptions, effects: Omit<ProtectEffects, 'stage'>): Promise<IdFiles> {
    const files = new IdFiles();
    try {
      await readProtectLists(
        { ...options, excludePaths: paths },
        {
          ...effects,
          stage(rows) {
            files.#hash.update(JSON.stringify([rows.ids, rows.patterns]));
            inTransaction(files.#db, () => addProtected(files.#db, [rows], files.#protection.entries));
            return Promise.resolve();
          },
        },
      );
      files.#db.exec(`PRAGMA cache_size = -${CACHE_KIB_FILLED}; PRAGMA shrink_memory`);
      return files;
    } catch (error) {
      files[Symbol.dispose]();
      throw sqliteCode(error) === undefined ? error : noScratch(error);
    }
  }

  /** Names what the files hold: another content, another digest. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Whether a row of the files means this image, or one that is spelled much like it. */
  has(id: string): boolean {
    const parsed = parseImageId(id);
    // An ID that could never be sent stands in no file of IDs.
    return parsed.kind === 'id' && this.#protection.find(idToKey(parsed.id)) !== undefined;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function noScratch(error: unknown): Error {
  const cause = error instanceof Error ? error.message : String(error);
  return storageError(
    'SCRATCH_UNWRITABLE',
    `the IDs of --in and --not-in cannot be kept in a temporary file (${cause}).`,
    ['Make room in the folder for temporary files, or name another: SQLITE_TMPDIR.'],
    error,
  );
}
