/**
 * The steps of a backup, which writes with `node:fs/promises` on the main thread: before each file that is created, renamed or removed;
 * before each write and after half of it; before each fsync of a file or a folder. Used by `crash-here.ts`.
 *
 * @module
 */
import fs from 'node:fs';
import { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';

const real = { ...fs.promises };
/** Bytes of each file that survive a power loss, by path. */
const syncedBytes = new Map<string, number>();
/** Renames that their folder's fsync has not made durable. */
const renames = new Set<{ readonly from: string; readonly to: string }>();

export function wrapPromises(step: (name: string) => void): void {
  const wrapped: Partial<typeof fs.promises> = {
    async open(path, flags, mode) {
      const name = String(path);
      const creates = typeof flags === 'string' && /[wa]/.test(flags);
      if (creates) step(`before ${nameOf(name)} is created`);
      const handle = await real.open(path, flags, mode);
      if (creates && !syncedBytes.has(name)) syncedBytes.set(name, (await handle.stat()).size);
      return wrapHandle(handle, name, step);
    },
    async rename(from, to) {
      step(`before ${nameOf(String(from))} becomes ${nameOf(String(to))}`);
      await real.rename(from, to);
      renames.add({ from: String(from), to: String(to) });
      syncedBytes.set(String(to), syncedBytes.get(String(from)) ?? 0);
      syncedBytes.delete(String(from));
    },
    async rm(path, options) {
      if (fs.existsSync(path)) step(`before ${nameOf(String(path))} is removed`);
      await real.rm(path, options);
    },
  };
  Object.assign(fs.promises, wrapped);
  syncBuiltinESMExports();
}

/** Takes back what no fsync has made durable, as a power loss may. */
export function loseUnsynced(): void {
  for (const [path, bytes] of syncedBytes) if (fs.existsSync(path) && fs.statSync(path).size > bytes) fs.truncateSync(path, bytes);
  for (const { from, to } of [...renames].toReversed()) if (fs.existsSync(to)) fs.renameSync(to, from);
}

function wrapHandle(handle: FileHandle, path: string, step: (name: string) => void): FileHandle {
  const write = handle.write.bind(handle) as (bytes: Uint8Array, offset: number, length: number) => Promise<{ bytesWritten: number }>;
  const sync = handle.sync.bind(handle);
  const wrapped = {
    async write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }> {
      // The rest of a write that was short is no step of its own.
      if (offset > 0) return write(bytes, offset, length);
      step(`before ${nameOf(path)} is written to`);
      const written = await write(bytes, 0, Math.ceil(length / 2));
      step(`half is written to ${nameOf(path)}`);
      return written;
    },
    async sync(): Promise<void> {
      step(`before fsync of ${nameOf(path)}`);
      // What is written meanwhile may not be in it.
      const { size } = await handle.stat();
      const before = [...renames].filter(({ to }) => dirname(to) === path);
      await sync();
      if (syncedBytes.has(path)) syncedBytes.set(path, size);
      for (const rename of before) renames.delete(rename);
    },
  };
  return Object.assign(handle, wrapped);
}

function nameOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}
