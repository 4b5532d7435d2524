import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real file system of its own, so small that it fills up. */
export class SmallDisk {
  readonly folder: string;

  /** @param size - as `mount` takes it: `256k` */
  constructor(folder: string, size: string) {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
    this.folder = folder;
  }

  grow(size: string): void {
    execFileSync('mount', ['-o', `remount,size=${size}`, this.folder]);
  }

  /** Writes until nothing more fits, even while others write. */
  fill(): void {
    const filler = openSync(join(this.folder, 'filler'), 'a');
    try {
      for (const chunk of [Buffer.alloc(64 * 1024), Buffer.alloc(512)]) while (hasFit(filler, chunk)) continue;
    } finally {
      closeSync(filler);
    }
  }

  free(): void {
    rmSync(join(this.folder, 'filler'));
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['-l', this.folder]);
  }
}

/** Only root may mount; elsewhere tests that need a small disk are counted as skipped. */
export const CAN_MOUNT: boolean = canMount();

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-mount-'));
  try {
    new SmallDisk(folder, '64k')[Symbol.dispose]();
    return true;
  } catch {
    return false; // Refused: that is the answer.
  } finally {
    rmdirSync(folder);
  }
}

function hasFit(fd: number, chunk: Uint8Array): boolean {
  try {
    return writeSync(fd, chunk) === chunk.length;
  } catch {
    return false; // ENOSPC is what is wanted.
  }
}
