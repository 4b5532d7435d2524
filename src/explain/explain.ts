import type { Entry, EntryGroup } from './entry.ts';
import { API_ENTRIES } from './entries/api.ts';
import { CHECKPOINT_ENTRIES } from './entries/checkpoint.ts';
import { BACKUP_ENTRIES } from './entries/backups.ts';
import { COMMAND_LINE_ENTRIES } from './entries/command-line.ts';
import { CREDENTIAL_ENTRIES } from './entries/credentials.ts';
import { GUARD_ENTRIES } from './entries/guards.ts';
import { LISTING_ENTRIES } from './entries/listing.ts';
import { REPORT_ENTRIES } from './entries/reports.ts';
import { SOURCE_ENTRIES } from './entries/sources.ts';
import { WARNING_ENTRIES } from './entries/warnings.ts';

/** Every code that an error or a warning may have, in the order of the page. */
export const ENTRY_GROUPS: readonly EntryGroup[] = [
  API_ENTRIES,
  CREDENTIAL_ENTRIES,
  GUARD_ENTRIES,
  SOURCE_ENTRIES,
  CHECKPOINT_ENTRIES,
  REPORT_ENTRIES,
  LISTING_ENTRIES,
  BACKUP_ENTRIES,
  COMMAND_LINE_ENTRIES,
  WARNING_ENTRIES,
];

export const CODES: readonly string[] = ENTRY_GROUPS.flatMap(({ entries }) => Object.keys(entries));

/** A code as it is shown; people type it in small letters and with hyphens, too. */
export function codeOf(text: string): string {
  return text.trim().toUpperCase().replaceAll('-', '_');
}

/** `undefined` where there is no such code. */
export function entryOf(code: string): Entry | undefined {
  const group = ENTRY_GROUPS.find(({ entries }) => Object.hasOwn(entries, code));
  return group?.entries[code];
}

/** `exit 7 or 3`, `warning` */
export function exitsText({ exits }: Entry): string {
  return exits.length === 0 ? 'warning' : `exit ${exits.join(' or ')}`;
}
