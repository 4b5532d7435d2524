import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDatabase, openDatabaseToRead } from '../../src/checkpoint/database.ts';
import { isCheckpointLocked, lockCheckpoint } from '../../src/checkpoint/lock.ts';
import { DEFINITION } from '../support/checkpoint.ts';

describe('the lock of a checkpoint', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'images-purge-lock-'));
    path = join(folder, 'ids.csv.checkpoint');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps a second run away for as long as it is held, is private, and leaves nothing behind', () => {
    expect(isCheckpointLocked(path)).toBe(false);
    const lock = lockCheckpoint(path);
    expect(statSync(`${path}.lock`).mode & 0o777).toBe(0o600);
    expect(isCheckpointLocked(path)).toBe(true);
    expect(() => lockCheckpoint(path)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_LOCKED', exitCode: 6 }));
    expect(isCheckpointLocked(path)).toBe(true);
    lock.release();
    expect([existsSync(`${path}.lock`), isCheckpointLocked(path)]).toEqual([false, false]);
    lockCheckpoint(path).release();
  });

  it('is refused where the checkpoint has a second name, under which it would be another lock; it can still be read', () => {
    createDatabase(path, DEFINITION, false, 1_000);
    const other = join(folder, 'other');
    linkSync(path, other);
    for (const name of [path, other]) {
      expect(() => lockCheckpoint(name)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_HARD_LINKED', exitCode: 5 }));
      openDatabaseToRead(name).close();
    }
    expect(readdirSync(folder).toSorted()).toEqual(['ids.csv.checkpoint', 'other']);
    rmSync(other);
    lockCheckpoint(path).release();
  });

  it('that cannot be created, or is something else than a file, is exit 5', () => {
    expect(() => lockCheckpoint(join(folder, 'no-such-folder', 'checkpoint'))).toThrow(expect.objectContaining({ code: 'CHECKPOINT_CANNOT_OPEN', exitCode: 5 }));
    mkdirSync(`${path}.lock`);
    expect(() => lockCheckpoint(path)).toThrow(expect.objectContaining({ exitCode: 5 }));
  });
});
