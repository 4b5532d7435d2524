import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDatabase } from '../../../src/checkpoint/file/create-database.ts';
import { openDatabaseToRead } from '../../../src/checkpoint/file/database.ts';
import { isCheckpointLocked, lockCheckpoint } from '../../../src/checkpoint/file/lock.ts';
import { DEFINITION } from '../../support/ledger/checkpoint.ts';
import { startProgram } from '../../support/cli/cli.ts';

const LOCK_USER = fileURLToPath(new URL('../../support/ledger/lock-user.ts', import.meta.url));

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
    expect(() => lockCheckpoint(join(folder, 'no-such-folder', 'checkpoint'))).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_CANNOT_OPEN', exitCode: 5 }),
    );
    mkdirSync(`${path}.lock`);
    expect(() => lockCheckpoint(path)).toThrow(expect.objectContaining({ exitCode: 5 }));
  });

  it('is held by one run at a time, however fast they follow upon each other, and none of them or of those who look stumbles', async () => {
    const runs = [1, 2, 3].map(() => startProgram(process.execPath, [LOCK_USER, 'hold', path, '1000']));
    let isOver = false;
    const ended = Promise.all(runs.map(({ finished }) => finished)).finally(() => (isOver = true));
    while (!isOver) {
      isCheckpointLocked(path);
      await setImmediate();
    }
    expect((await ended).map(({ stdout, stderr }) => stdout + stderr)).toEqual(['[]', '[]', '[]']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that its run has unlinked tells so to anyone who had opened it before, by a mark with which no run holds it', () => {
    const lock = lockCheckpoint(path);
    using late = new DatabaseSync(`${path}.lock`);
    lock.release();
    late.exec('BEGIN EXCLUSIVE');
    expect(late.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    using another = new DatabaseSync(`${path}.lock`);
    another.exec('PRAGMA user_version = 1');
    expect(() => lockCheckpoint(path)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_LOCKED' }));
  });

  it('that somebody has removed, and another run holds again, is left to that one', () => {
    const first = lockCheckpoint(path);
    rmSync(`${path}.lock`);
    const second = lockCheckpoint(path);
    first.release();
    expect(isCheckpointLocked(path)).toBe(true);
    second.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that a killed run has left is taken at once, though somebody looks whether it is held', async () => {
    writeFileSync(`${path}.lock`, '');
    const looking = startProgram(process.execPath, [LOCK_USER, 'look', path]);
    if (looking.child.stdout === null) throw new Error('stdout is a pipe');
    await once(looking.child.stdout, 'data');
    for (let run = 0; run < 3_000; run++) {
      writeFileSync(`${path}.lock`, '');
      lockCheckpoint(path).release();
    }
    looking.child.kill();
    expect(await looking.finished).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });
});
