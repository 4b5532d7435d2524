import { usageError } from '../domain/errors.ts';
import type { OptionValues } from './option-table.ts';

/** `--check-exists` says what a dry run does: a person who gives it alone does not mean to delete. */
export function refuseAskingToDelete({ checkExists, dryRun }: Pick<OptionValues, 'checkExists' | 'dryRun'>): void {
  if (!checkExists || dryRun) return;
  throw usageError(
    'OPTION_CONFLICT',
    '--check-exists asks for each image in a dry run, and --dry-run is not given',
    'Give --dry-run too; what a purge deletes was there, and its report tells which were not.',
  );
}
