import type { DatabaseSync } from 'node:sqlite';

import { widerAge } from '../domain/spelling/newer-rule.ts';
import type { Moment } from './timeline/moment.ts';
import type { RunCounts, RunEnd } from '../domain/summary.ts';
import type { Definition, EndedBy, ReadCounts, RecordedGuards, RepeatedOptions } from './facts.ts';
import { readDefinition } from './read-facts.ts';
import type { TriedItem } from './results.ts';
import { recordMoments } from './timeline/moments.ts';

/** From now on the purge may send: it is not a plan any more, and it was confirmed. */
export function markConfirmed(db: DatabaseSync): void {
  db.exec('UPDATE state SET is_plan = 0, is_confirmed = 1');
}

/** A plan with nothing left to send is carried out without a question. */
export function endPlan(db: DatabaseSync): void {
  db.exec('UPDATE state SET is_plan = 0');
}

/** Records whether the question was answered with yes. A plan stays a plan until it is carried out. */
export function setConfirmed(db: DatabaseSync, isConfirmed: boolean): void {
  db.prepare('UPDATE state SET is_confirmed = ?').run(isConfirmed ? 1 : 0);
}

/** For the commands that are suggested after this run, however it ends. */
export function setRepeated(db: DatabaseSync, repeated: RepeatedOptions): void {
  db.prepare('UPDATE state SET repeated_json = ?').run(JSON.stringify(repeated));
}

export function setReadWith(db: DatabaseSync, readWith: Pick<Definition, 'form' | 'shard'>): void {
  db.prepare('UPDATE definition SET json = ?').run(JSON.stringify({ ...readDefinition(db), ...readWith }));
}

export function setNote(db: DatabaseSync, note: string): void {
  db.prepare('UPDATE definition SET json = ?').run(JSON.stringify({ ...readDefinition(db), note }));
}

/** What each source held, once all of them have been read. */
export function setSourceCounts(db: DatabaseSync, sourceCounts: readonly ReadCounts[]): void {
  db.prepare('UPDATE definition SET json = ?').run(JSON.stringify({ ...readDefinition(db), sourceCounts }));
}

/** Guards given now are added to the recorded ones: the stricter of each holds. */
export function addGuards(db: DatabaseSync, guards: RecordedGuards): void {
  const old = readDefinition(db).guards;
  const merged: RecordedGuards = {
    strict: old.strict || guards.strict,
    idCountMin: Math.max(old.idCountMin, guards.idCountMin),
    protectedCountMin: Math.max(old.protectedCountMin, guards.protectedCountMin),
    deletesCountMax: smaller(old.deletesCountMax, guards.deletesCountMax),
    deletesPercentMax: smaller(old.deletesPercentMax, guards.deletesPercentMax),
    failOnAbsent: old.failOnAbsent || guards.failOnAbsent,
    verifies: old.verifies || guards.verifies,
    newerThanMs: widerAge(old.newerThanMs, guards.newerThanMs),
    // Another folder may be one with room.
    backupFolder: guards.backupFolder ?? old.backupFolder,
  };
  setGuards(db, merged);
}

export function setGuards(db: DatabaseSync, guards: RecordedGuards): void {
  db.prepare('UPDATE definition SET json = ?').run(JSON.stringify({ ...readDefinition(db), guards }));
}

/** How a run ended, written last. */
export interface RunEnding {
  /** Items whose attempts must be kept, or whose answer never came. All other pending items were not sent. */
  readonly tried: readonly TriedItem[];
  readonly endedBy: EndedBy | undefined;
  readonly moments: readonly Moment[];
  readonly run: RunCounts;
  readonly nowMs: number;
}

/**
 * Writes the ending of a run, and finishes the purge if nothing is left. Call it inside a transaction. A purge that was
 * finished before keeps its time, because its files are named after it when they are set aside.
 */
export function endRun(db: DatabaseSync, ending: RunEnding, mayFinish: boolean): void {
  const upsert = db.prepare(
    `INSERT INTO tried (item, attempts, is_unknown) VALUES (?, ?, ?)
    ON CONFLICT (item) DO UPDATE SET attempts = excluded.attempts, is_unknown = max(is_unknown, excluded.is_unknown)`,
  );
  for (const item of ending.tried) upsert.run(item.seq, item.attempts, item.isUnknown ? 1 : 0);
  recordMoments(db, ending.moments);
  // `last_worked_at_ms` stays: a run that was refused does not make an old list younger.
  db.prepare('UPDATE state SET is_clean = 1, ended_by = ?, run_json = ?').run(ending.endedBy ?? null, JSON.stringify(ending.run));
  if (!mayFinish) return;
  db.prepare(
    `
    UPDATE state SET finished_at_ms = coalesce(finished_at_ms, ?) WHERE is_plan = 0 AND is_intake_complete = 1
    AND (SELECT accepted - deleted - absent - failed - planned FROM tally) = 0`,
  ).run(ending.nowMs);
}

/** How the run ended, for `status`. Nothing else depends on it. */
export function recordEnd(db: DatabaseSync, end: RunEnd): void {
  db.prepare("UPDATE state SET run_json = json_set(run_json, '$.ended', json(?))").run(JSON.stringify(end));
}

/** A run works on it from now on: where that one is killed, the ending of an earlier run does not tell why. */
export function forgetEnd(db: DatabaseSync): void {
  db.exec("UPDATE state SET run_json = json_remove(run_json, '$.ended')");
}

function smaller(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}
