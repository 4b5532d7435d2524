import { lstatSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { openDatabaseToRead } from './database.ts';
import { isAtRest } from './database-files.ts';
import { changedCheckpoint, checkpointError, isChanged } from './sqlite-error.ts';

/** How often reading may start again. Once is the rule: the next try sees that a run is at work. */
export const READ_TRIES_MAX = 5;

/**
 * Reads a checkpoint while a run may work on it. One at rest is read as a file that does not change, because SQLite's locks
 * would leave files beside it. A run that begins meanwhile may write into what is being read; that is detected.
 */
export class CheckpointReader {
  readonly db: DatabaseSync;
  readonly #path: string;
  /** How the file at rest looked; `undefined` if SQLite's own locks keep the content stable. */
  readonly #seenAtRest: string | undefined;

  constructor(path: string) {
    this.#path = path;
    // Taken before opening, so that a change in between is noticed.
    const seen = looksOf(path);
    const rests = isAtRest(path);
    this.#seenAtRest = rests ? seen : undefined;
    this.db = openDatabaseToRead(path, rests);
  }

  /** Call it before using anything that was read. Throws if the content may be a mix of two states. */
  refuseIfChanged(): void {
    if (this.#hasChanged()) throw changedCheckpoint(this.#path);
  }

  /** The real cause of an error while reading. */
  causeOf(error: unknown): unknown {
    return this.#hasChanged() ? changedCheckpoint(this.#path) : checkpointError(error, this.#path);
  }

  close(): void {
    this.db.close();
  }

  #hasChanged(): boolean {
    return this.#seenAtRest !== undefined && !(isAtRest(this.#path) && looksOf(this.#path) === this.#seenAtRest);
  }
}

/** Reads something from a checkpoint, again where a run began on it meanwhile. */
export function readBeside<T>(path: string, read: (db: DatabaseSync) => T): T {
  for (let tries = 1; ; tries++) {
    const reader = new CheckpointReader(path);
    try {
      const result = read(reader.db);
      reader.refuseIfChanged();
      return result;
    } catch (thrown) {
      const error = reader.causeOf(thrown);
      if (!isChanged(error) || tries === READ_TRIES_MAX) throw error;
    } finally {
      reader.close();
    }
  }
}

function looksOf(path: string): string {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
