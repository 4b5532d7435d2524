import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';

import { syncFolder } from '../../checkpoint/file/database-files.ts';
import { type CheckpointLock, takeLock } from '../../checkpoint/file/lock.ts';
import { EXIT, UserError } from '../../domain/errors.ts';
import { newPathOf } from '../../domain/new-file.ts';
import { type IfThere, orUnwritable, refuseIfThere, unwritableOutput } from '../../report/output-file.ts';
import { formatDuration } from '../../text/format.ts';
import { idOfRow, type ListFormat } from '../rows.ts';
import type { ListOutput, ListState } from './list-output.ts';
import { hashOfBeginning, linesOf } from './read-back.ts';
import { readSideFile, removeSideFile, SIDE_FORMAT, type SideFile, writeSideFile, writeWhole } from './side-file.ts';

export interface ResumableFileOptions {
  /** As it was given. */
  readonly path: string;
  readonly overwrites: boolean;
  readonly format: ListFormat;
  /** What the list is asked for; another text begins the list again. */
  readonly asked: string;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Told where rows of an earlier run are not used. */
  readonly onBeginAgain: (why: string) => void;
}

/** Rows that are older say little of the account as it is now, and the API's token for the next page has long expired. */
const RESUME_AGE_MS_MAX = 24 * 3_600_000;

/** A file that appears under its name only when it is complete; until then the same list goes on where it ended. */
export class ResumableFile implements ListOutput {
  readonly #options: ResumableFileOptions;
  readonly #targetPath: string;
  readonly #lock: CheckpointLock;
  #side: SideFile | undefined;
  #fd: number | undefined;
  #hash: Hash = createHash('sha256');
  #bytes = 0;
  #startedMs: number;

  /** @throws `UserError`: exit 2 where a file that is there would be written over, 6 where another run writes this one, 5 */
  static async open(options: ResumableFileOptions): Promise<ResumableFile> {
    const found = statSync(options.path, { throwIfNoEntry: false });
    const targetPath = found === undefined ? options.path : realpathSync(options.path);
    const lock = lockFor(options.path, `${sidePathOf(targetPath)}.lock`);
    try {
      const file = new ResumableFile(options, targetPath, lock);
      await file.#open();
      return file;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(options: ResumableFileOptions, targetPath: string, lock: CheckpointLock) {
    this.#options = options;
    this.#targetPath = targetPath;
    this.#lock = lock;
    this.#startedMs = options.wallMs();
  }

  get startedMs(): number {
    return this.#startedMs;
  }

  get resumed(): ListState | undefined {
    return this.#side?.state;
  }

  /** The list was complete and renamed; only the file beside it was left by a kill. */
  get isThere(): boolean {
    return this.#fd === undefined;
  }

  *idsBefore(): Generator<string> {
    if (this.#side === undefined) return;
    let isHeader = this.#options.format === 'csv';
    for (const line of linesOf(this.#rowsPath, this.#bytes)) {
      if (!isHeader) yield idOfRow(line, this.#options.format);
      isHeader = false;
    }
  }

  append(rows: string, state: ListState): Promise<void> {
    return this.#orUnwritable(() => {
      const bytes = Buffer.from(rows);
      writeWhole(this.#openFd, bytes);
      fsyncSync(this.#openFd);
      this.#hash.update(bytes);
      this.#bytes += bytes.length;
      const { asked, wallMs } = this.#options;
      const sha256 = this.#hash.copy().digest('hex');
      writeSideFile(this.#sidePath, {
        format: SIDE_FORMAT,
        asked,
        startedMs: this.#startedMs,
        savedMs: wallMs(),
        bytes: this.#bytes,
        sha256,
        state,
      });
    });
  }

  beginAgain(): boolean {
    removeSideFile(this.#sidePath);
    ftruncateSync(this.#openFd, 0);
    this.#forgetRows();
    return true;
  }

  async complete(): Promise<void> {
    // Writing may have taken long.
    await refuseIfThere(this.#targetPath, this.#ifThere);
    await this.#orUnwritable(() => {
      this.#closeRows();
      renameSync(this.#rowsPath, this.#targetPath);
      syncFolder(this.#targetPath);
      removeSideFile(this.#sidePath);
    });
  }

  close(): Promise<void> {
    this.#closeRows();
    this.#lock.release();
    return Promise.resolve();
  }

  async #open(): Promise<void> {
    const { path, overwrites, onBeginAgain } = this.#options;
    const side = readSideFile(this.#sidePath);
    const why = side === undefined ? undefined : this.#whyNot(side);
    if (side !== undefined && why === undefined) {
      // It was killed between its last two steps. A command that writes over its file wants a new list.
      if (this.isThere && !overwrites) return removeSideFile(this.#sidePath);
      if (!this.isThere) return refuseIfThere(this.#targetPath, this.#ifThere);
    }
    this.#side = undefined;
    if (why !== undefined) onBeginAgain(`the unfinished list ${path} is begun again: ${why}`);
    await refuseIfThere(this.#targetPath, this.#ifThere);
    await this.#orUnwritable(() => {
      removeSideFile(this.#sidePath);
      rmSync(this.#rowsPath, { force: true });
      this.#forgetRows();
      this.#fd = openSync(this.#rowsPath, 'ax', 0o600);
    });
  }

  /** Why an earlier run is not resumed; where it is, its rows are taken over. */
  #whyNot(side: SideFile): string | undefined {
    if (side.asked !== this.#options.asked) return 'it was asked for something else';
    const ageMs = this.#options.wallMs() - side.savedMs;
    if (ageMs > RESUME_AGE_MS_MAX) return `it was left ${formatDuration(ageMs)} ago`;
    return this.#use(side) ? undefined : 'its rows are not as they were left';
  }

  #forgetRows(): void {
    this.#side = undefined;
    this.#startedMs = this.#options.wallMs();
    this.#hash = createHash('sha256');
    this.#bytes = 0;
  }

  /** Takes over the rows of an earlier run; `false` where they are not there as it left them. */
  #use(side: SideFile): boolean {
    const isUnderName = side.state.isComplete && statSync(this.#rowsPath, { throwIfNoEntry: false }) === undefined;
    const path = isUnderName ? this.#targetPath : this.#rowsPath;
    const hash = hashOfBeginning(path, side.bytes);
    if (hash?.copy().digest('hex') !== side.sha256) return false;
    this.#side = side;
    this.#hash = hash;
    this.#bytes = side.bytes;
    this.#startedMs = side.startedMs;
    if (isUnderName) return true;
    this.#fd = openSync(path, 'a', 0o600);
    ftruncateSync(this.#fd, side.bytes);
    return true;
  }

  #closeRows(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  get #openFd(): number {
    if (this.#fd === undefined) throw new Error('a list was written to after its end');
    return this.#fd;
  }

  get #rowsPath(): string {
    return newPathOf(this.#targetPath);
  }

  get #sidePath(): string {
    return sidePathOf(this.#targetPath);
  }

  get #ifThere(): IfThere {
    return this.#options.overwrites ? 'overwrite' : { option: '-o' };
  }

  #orUnwritable(work: () => void): Promise<void> {
    return orUnwritable(this.#options.path, work);
  }
}

function sidePathOf(targetPath: string): string {
  return `${targetPath}.images-purge-list`;
}

function lockFor(path: string, lockPath: string): CheckpointLock {
  let lock: CheckpointLock | undefined;
  try {
    lock = takeLock(lockPath);
  } catch (error) {
    throw unwritableOutput(path, error instanceof UserError && error.cause !== undefined ? error.cause : error);
  }
  if (lock !== undefined) return lock;
  throw new UserError({
    code: 'OUTPUT_LOCKED',
    exitCode: EXIT.locked,
    message: `another run writes a list to ${path}; nothing was sent.`,
    nextSteps: ['Wait for it to end, or give another file with -o.'],
  });
}
