import type { DatabaseSync } from 'node:sqlite';

import { FORMAT_VERSION, PERMIT_TABLE } from './schema.ts';

/** `MIGRATIONS[n]` brings format n + 1 to n + 2. What is in JSON (the definition) needs none: its readers know what older ones lack. */
const MIGRATIONS: readonly string[] = [PERMIT_TABLE];

/** Brings an older checkpoint to the present format in one transaction. The caller holds the lock. */
export function migrate(db: DatabaseSync, fromVersion: number): void {
  const steps = MIGRATIONS.slice(fromVersion - 1, FORMAT_VERSION - 1);
  db.exec(`BEGIN IMMEDIATE; ${steps.join('\n')} PRAGMA user_version = ${FORMAT_VERSION}; COMMIT`);
}
