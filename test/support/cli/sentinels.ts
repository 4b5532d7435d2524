import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a secret looks like in every test: credentials are spelled `sentinel-…`, and the simulator's batch tokens are `batch-` and a UUID.
 * Whatever a command prints or leaves is searched for them, in all the suite.
 */
const SENTINEL = /sentinel-[\w-]+|batch-[0-9a-f]{8}-[0-9a-f-]{27}/gi;

/** Files that a test gives a command its secrets with. */
const INPUT = /^input-/;

/** The secrets in a text, each as `where holds what`. */
export function sentinelsIn(text: string, where: string): string[] {
  return [...new Set(text.match(SENTINEL))].map((secret) => `${where} holds the secret ${secret}`);
}

/** The secrets in all files of a folder and of those in it, whatever their form. */
export function sentinelsInFolder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !INPUT.test(entry.name));
  return files.flatMap(({ parentPath, name }) => sentinelsIn(contentOf(join(parentPath, name)), name));
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // Another command of the same test has removed it since, or it is there to be refused.
  }
}

/** The secrets that any user of the machine can see of a process. */
export function sentinelsInProcess(pid: number | undefined): string[] {
  return ['cmdline', 'comm'].flatMap((name) => {
    try {
      return sentinelsIn(readFileSync(`/proc/${pid}/${name}`, 'latin1'), `/proc/PID/${name}`);
    } catch {
      return []; // It has ended by now, or this is no Linux.
    }
  });
}
