import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync, type Stats } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

import { usageError } from '../../domain/errors.ts';
import { newPathOf } from '../../domain/new-file.ts';
import { type FormerMetrics, NO_FORMER_METRICS, readFormerMetrics } from './former-metrics.ts';

/** Some hundred times what a run writes. What is larger is no metrics file. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/**
 * What lies at the path, which is going to be replaced: nothing, or metrics of earlier runs. Throws for anything else: a file
 * that was named by mistake is not destroyed.
 *
 * @param path - links followed; `undefined` where it leads to a device
 * @param called - as the person has named it
 */
export function readMetricsFile(path: string | undefined, called: string): FormerMetrics {
  const found = path === undefined ? 'no file' : foundAt(path);
  if (typeof found !== 'string') return found;
  throw usageError(
    'METRICS_FILE_TAKEN',
    `--metrics-file ${called} is ${found}; it is not touched`,
    'Give --metrics-file a path where nothing lies, or what an earlier run wrote there',
  );
}

function foundAt(path: string): FormerMetrics | string {
  const stats = statsOf(path);
  if (stats === undefined) return NO_FORMER_METRICS;
  if (!stats.isFile()) return 'no ordinary file';
  const other = 'a file of something else than metrics of images-purge';
  if (stats.size > FILE_BYTES_MAX) return other;
  try {
    return readFormerMetrics(readFileSync(path, 'utf8')) ?? other;
  } catch (error) {
    return `a file that cannot be read (${errorCode(error)})`;
  }
}

/** `undefined`: nothing lies there. A folder that is closed to us lets nothing be written either, which is a warning later. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    errorCode(error);
    return undefined;
  }
}

/** Throws what does not come from the file system. */
function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  throw error;
}

/**
 * Replaces a file, so that who reads it sees all of one moment or all of the one before. Others may read it: those who collect
 * metrics are other users, and it holds nothing secret.
 */
export class MetricsFile {
  readonly #path: string;
  /** Of this run alone: another one that overlaps with it, as cron may have it, must not rename what is half written. */
  readonly #newPath: string;

  constructor(path: string) {
    this.#path = path;
    this.#newPath = newPathOf(`${path}.${randomBytes(4).toString('hex')}`);
  }

  async write(text: string): Promise<void> {
    try {
      const file = await open(this.#newPath, 'wx', 0o644);
      try {
        await file.writeFile(text);
        // A file that is empty after a power loss would have lost the time of the last success.
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(this.#newPath, this.#path);
    } catch (error) {
      await rm(this.#newPath, { force: true });
      throw error;
    }
  }
}
