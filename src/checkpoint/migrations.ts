import type { DatabaseSync } from 'node:sqlite';

import { FORMAT_VERSION } from './schema.ts';

/** `MIGRATIONS[n]` brings format n + 1 to n + 2. Format 1 is the first, so there is none yet. */
const MIGRATIONS: readonly string[] = [];

/** Brings an older checkpoint to the present format in one transaction. The caller holds the lock. */
export function migrate(db: DatabaseSync, fromVersion: number): void {
  const steps = MIGRATIONS.slice(fromVersion - 1, FORMAT_VERSION - 1);
  db.exec(`BEGIN IMMEDIATE; ${steps.join('\n')} PRAGMA user_version = ${FORMAT_VERSION}; COMMIT`);
}
