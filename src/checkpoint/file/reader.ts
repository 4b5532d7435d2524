import { lstatSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { openDatabaseToRead } from './database.ts';
import { isAtRest } from './database-files.ts';
import { changedCheckpoint, checkpointError, isChanged } from './sqlite-error.ts';

/** How often what is read may be begun again; a run begins once, and is seen to be at work by the next try. */
export const READ_TRIES_MAX = 5;

/**
 * A checkpoint read beside whatever works on it. One at rest is read as a file that nobody changes, for SQLite's locks
 * would leave files beside it; a run that begins on it meanwhile may write into what is being read.
 */
export class CheckpointReader {
  readonly db: DatabaseSync;
  readonly #path: string;
  /** How the file at rest looked; `undefined` where SQLite keeps what is read as it is. */
  readonly #seenAtRest: string | undefined;

  constructor(path: string) {
    this.#path = path;
    // Looked at first: what comes in between is noticed.
    const seen = looksOf(path);
    const rests = isAtRest(path);
    this.#seenAtRest = rests ? seen : undefined;
    this.db = openDatabaseToRead(path, rests);
  }

  /** Call it before anything that was read is used: throws where it may be of no one state. */
  refuseIfChanged(): void {
    if (this.#hasChanged()) throw changedCheckpoint(this.#path);
  }

  /** What an error while reading comes from. */
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
