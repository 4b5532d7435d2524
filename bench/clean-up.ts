import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RM_TRIES_AGAIN = 5;
const running = new Set<ChildProcess>();
const folders: string[] = [];

/** A process that the bench has started does not outlive it, however the bench ends. */
export function endWithBench<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** A new folder that goes when the bench ends. */
export function temporaryFolder(what: string): string {
  const folder = mkdtempSync(join(tmpdir(), `images-purge-${what}-`));
  folders.push(folder);
  return folder;
}

process.once('exit', () => {
  for (const child of running) child.kill();
  // Tried again: a process that is about to end may still write there.
  for (const folder of folders) rmSync(folder, { recursive: true, maxRetries: RM_TRIES_AGAIN });
});
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
