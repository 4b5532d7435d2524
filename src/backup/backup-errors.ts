import { guardError, storageError, usageError, type UserError } from '../domain/errors.ts';

/** Any failure to write there: what is not on disk is not deleted, so nothing more can be. */
export function unwritableBackup(folder: string, error: unknown): UserError {
  const cause = error instanceof Error ? error.message : String(error);
  return storageError(
    'BACKUP_UNWRITABLE',
    `the backup ${folder} cannot be written (${cause}); no image was deleted that is not in it.`,
    ['Make room there or make it writable, then go on; or give another folder with --backup.'],
    error,
  );
}

export function unreadableBackup(folder: string, error: unknown): UserError {
  const cause = error instanceof Error ? error.message : String(error);
  return storageError('BACKUP_UNREADABLE', `the backup ${folder} cannot be read (${cause}).`, ['Check its path and its rights.'], error);
}

export function notABackup(folder: string, why: string): UserError {
  return usageError('NOT_A_BACKUP', `${folder} is not a backup of images-purge: ${why}`, 'Give a folder that is new, empty or a backup.');
}

export function otherAccountsBackup(folder: string, accountId: string, baseUrl: string): UserError {
  return guardError(
    'BACKUP_OF_OTHER_ACCOUNT',
    `the backup ${folder} holds images of account ${accountId} at ${baseUrl}; nothing was sent.`,
    'Give another folder with --backup.',
  );
}
