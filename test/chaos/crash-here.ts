/**
 * Preloaded into the built command (`node --import crash-here.ts?at=N dist/main.js …`): ends the process with SIGKILL at
 * the N-th step of the ledger's thread that changes anything on disk. The product knows nothing of it: what is wrapped is
 * Node's own `node:fs` and `node:sqlite`, and the order comes with the module's address, not from the environment.
 *
 * Steps are: before and after each commit and each change outside a transaction; before each file that is created, cut,
 * renamed or removed; before each write to the report and after half of it.
 *
 * `&told=FILE` is given the name of that step, or with `at=0` the names of all steps; `&power=1` also takes back what no
 * fsync had made durable, as a power loss may.
 *
 * @module
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { isMainThread, threadName } from 'node:worker_threads';

import { loseUnsynced, wrapPromises } from './crash-in-backup.ts';

const order = new URL(import.meta.url).searchParams;
const at = Number(order.get('at'));
const told = order.get('told');
/** `&thread=main` is for commands without a ledger, `&thread=backup` for the steps of a backup. */
const thread = order.get('thread') ?? 'ledger';
const isPowerLoss = order.get('power') === '1';
const real = { ...fs };
let stepCount = 0;

function step(name: string): void {
  stepCount++;
  if (at === 0 && told !== null) real.appendFileSync(told, `${name}\n`);
  if (stepCount !== at) return;
  if (isPowerLoss) loseWhatIsNotSynced();
  if (told !== null) real.writeFileSync(told, name);
  process.kill(process.pid, 'SIGKILL');
}

/** Bytes of each file we write to that survive a power loss. */
const syncedBytes = new Map<number, number>();

function loseWhatIsNotSynced(): void {
  if (thread === 'backup') return loseUnsynced();
  for (const [fd, bytes] of syncedBytes) if (real.fstatSync(fd).size > bytes) real.ftruncateSync(fd, bytes);
}

const fileName = (path: unknown): string => String(path).split('/').at(-1) ?? '';

function wrapFiles(): void {
  const wrapped = {
    openSync(...args: Parameters<typeof fs.openSync>): number {
      const [path, flags] = args;
      if (typeof flags === 'string' && /[wa]/.test(flags)) step(`before ${fileName(path)} is created`);
      const fd = real.openSync(...args);
      if (flags !== 'r') syncedBytes.set(fd, real.fstatSync(fd).size);
      return fd;
    },
    closeSync(fd: number): void {
      // Closing makes nothing durable: what no fsync has reached can be lost later, too, and for that stays open.
      const synced = syncedBytes.get(fd);
      if (synced !== undefined && real.fstatSync(fd).size > synced) return;
      syncedBytes.delete(fd);
      real.closeSync(fd);
    },
    writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
      // The rest of a write that was short is no step of its own.
      if (!syncedBytes.has(fd) || offset > 0) return real.writeSync(fd, bytes, offset, length, position);
      step('before lines are appended');
      // Written short: the caller must go on from there, and a crash leaves half a line.
      const half = Math.ceil(length / 2);
      const written = real.writeSync(fd, bytes, offset, half, position);
      step('half of the lines are appended');
      return written;
    },
    fsyncSync(fd: number): void {
      step('before fsync');
      real.fsyncSync(fd);
      syncedBytes.set(fd, real.fstatSync(fd).size);
    },
    ftruncateSync(fd: number, length?: number): void {
      step('before the report is cut');
      real.ftruncateSync(fd, length);
      syncedBytes.set(fd, Math.min(syncedBytes.get(fd) ?? 0, length ?? 0));
    },
    renameSync(from: fs.PathLike, to: fs.PathLike): void {
      step(`before ${fileName(from)} becomes ${fileName(to)}`);
      real.renameSync(from, to);
    },
    rmSync(...args: Parameters<typeof fs.rmSync>): void {
      if (real.existsSync(args[0])) step(`before ${fileName(args[0])} is removed`);
      real.rmSync(...args);
    },
    unlinkSync(path: fs.PathLike): void {
      step(`before ${fileName(path)} is unlinked`);
      real.unlinkSync(path);
    },
  };
  Object.assign(fs, wrapped);
  syncBuiltinESMExports();
}

function wrapSqlite(): void {
  const exec = Reflect.get(DatabaseSync.prototype, 'exec');
  const prepare = Reflect.get(DatabaseSync.prototype, 'prepare');
  const run = Reflect.get(StatementSync.prototype, 'run') as (...args: unknown[]) => unknown;
  const databaseOf = new WeakMap<StatementSync, DatabaseSync>();
  const isWriting = new WeakMap<DatabaseSync, boolean>();
  const changes = /\b(?:INSERT|UPDATE|DELETE|CREATE TABLE|wal_checkpoint|BEGIN EXCLUSIVE)\b/;

  DatabaseSync.prototype.exec = function (sql) {
    const isBegin = /^\s*BEGIN/.test(sql);
    const isCommit = /COMMIT\s*$/.test(sql);
    if (isBegin) isWriting.set(this, sql.trim() !== 'BEGIN');
    const isStep = isCommit ? isWriting.get(this) === true : !this.isTransaction && changes.test(sql);
    const name = sql.trim().replaceAll(/\s+/g, ' ').slice(0, 40);
    if (isStep) step(`before ${name}`);
    exec.call(this, sql);
    if (isStep) step(`after ${name}`);
  };
  DatabaseSync.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    databaseOf.set(statement, this);
    return statement;
  };
  StatementSync.prototype.run = function (this: StatementSync, ...args: unknown[]) {
    const isStep = databaseOf.get(this)?.isTransaction === false && changes.test(this.sourceSQL);
    const name = this.sourceSQL.trim().slice(0, 40);
    if (isStep) step(`before ${name}`);
    const done: unknown = Reflect.apply(run, this, args);
    if (isStep) step(`after ${name}`);
    return done;
  } as StatementSync['run'];
}

if (thread === 'backup' && isMainThread) wrapPromises(step);
if (thread === 'main' ? isMainThread : threadName === thread) {
  wrapFiles();
  wrapSqlite();
}
