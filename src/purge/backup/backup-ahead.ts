import { readImageSize } from '../../answer/backup/image-size.ts';
import { BackupFolder, freeBytes } from '../../backup/backup-folder.ts';
import type { CheckpointFacts } from '../../checkpoint/facts.ts';
import type { AccountAccess } from '../../connect/account-access.ts';
import { storageError, usageError, type UserError } from '../../domain/errors.ts';
import type { BackupSpace } from '../../run/run-options.ts';
import { formatBytes, formatCount } from '../../text/format.ts';
import type { PurgeRun } from '../purge-run.ts';

/** Asked for before the first DELETE: of few images each fiftieth, of many not more than this. */
const SAMPLED_EACH = 50;
const SAMPLES_MAX = 20;
/** Its line in the manifest, and what a file system needs for a file. */
const OVERHEAD_BYTES = 4_096;

/** The folder that the purge saves its images to; `undefined` where it has none. Nothing has been sent yet. */
export async function openBackup({ deps, pace }: PurgeRun, { definition }: CheckpointFacts): Promise<BackupFolder | undefined> {
  const { job, accountId, baseUrl, guards } = definition;
  if (guards.backupFolder === null) return undefined;
  if (pace.batchTokenCount > 0) throw notOnBatchLanes();
  return BackupFolder.open({ folder: guards.backupFolder, job, accountId, baseUrl, nowMs: deps.clock.wallMs() });
}

/**
 * Estimates from a sample what the backup needs.
 *
 * @returns `undefined` where no image told its size, or the run was told to end
 * @throws `UserError` (exit 5) where so much is not free
 */
export async function estimateBackup(run: PurgeRun, access: AccountAccess, facts: CheckpointFacts): Promise<BackupSpace | undefined> {
  const { ledger, halt, pace } = run;
  const folder = facts.definition.guards.backupFolder;
  const imageCount = Math.min(facts.pending, pace.sendCountMax);
  if (folder === null || imageCount === 0) return undefined;
  const sizes: number[] = [];
  for (const id of await ledger.ask('pendingSample', Math.min(SAMPLES_MAX, Math.ceil(facts.pending / SAMPLED_EACH)))) {
    const answer = await access.ask({ send: () => access.reader.imageBlob(id), read: readImageSize }, 1);
    if (halt.signal.aborted) return undefined;
    if (answer?.kind === 'size' && answer.bytes !== undefined) sizes.push(answer.bytes === 0 ? 0 : answer.bytes + OVERHEAD_BYTES);
  }
  if (sizes.length === 0) return undefined;
  const neededBytes = Math.round((sizes.reduce((sum, bytes) => sum + bytes, 0) / sizes.length) * imageCount);
  const space = { sampleCount: sizes.length, neededBytes, freeBytes: await freeBytes(folder) };
  if (space.neededBytes > space.freeBytes) throw noRoom(folder, imageCount, space);
  return space;
}

function noRoom(folder: string, imageCount: number, { neededBytes, freeBytes: free, sampleCount }: BackupSpace): UserError {
  return storageError(
    'BACKUP_NO_ROOM',
    `the backup of ${formatCount(imageCount)} images needs about ${formatBytes(neededBytes)}, by a sample of ${sampleCount}, ` +
      `and ${formatBytes(free)} are free in ${folder}; nothing was sent.`,
    ['Make room there, or give another folder with --backup; --limit N deletes only as many as find room.'],
  );
}

function notOnBatchLanes(): UserError {
  return usageError(
    'BACKUP_ON_BATCH_LANES',
    "--backup reads each image on the account's own quota, where batch tokens make nothing faster; nothing was sent",
    'Leave out --batch-tokens.',
  );
}
