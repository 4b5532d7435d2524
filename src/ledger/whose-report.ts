import { closeSync, lstatSync, openSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { findItems } from '../checkpoint/find/find-items.ts';
import { touchedBy } from '../checkpoint/report-records.ts';
import { readReportState } from '../checkpoint/report-state.ts';
import { isBeginningAsWritten } from '../report/ndjson-file.ts';
import { linesOf } from './report-lines.ts';

export interface FoundReport {
  /** `nobody`: there is no file, or an empty one. `another purge`: it is a report, and none of its IDs are of this purge. */
  readonly owner: 'nobody' | 'this purge' | 'another purge' | 'somebody';
  /** It is this purge's, and nothing was added to it or cut off. */
  readonly isWhole: boolean;
}

/** Any line in the beginning that is exactly what this purge has written says whose it is. */
const HEAD_BYTES = 64 * 1024;
const LINES_COMPARED_MAX = 50;

interface HeadLine {
  readonly text: string;
  readonly id: string | undefined;
  /** It holds the time of an answer, which another purge of the same list would not have. */
  readonly isAnswered: boolean;
  readonly source: unknown;
  readonly line: unknown;
}

/** Whose report lies there: told by what it holds, because a path is no proof. */
export function whoseReport(db: DatabaseSync, path: string): FoundReport {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || (stat.isFile() && stat.size === 0)) return { owner: 'nobody', isWhole: false };
  if (!stat.isFile()) return { owner: 'somebody', isWhole: false };
  const state = readReportState(db);
  const head = headOf(path);
  const lines = head
    .split('\n')
    .slice(0, -1)
    .flatMap((text) => parsed(text) ?? []);
  const isOurs =
    holdsOurLine(db, lines) ||
    (state.offsetBytes > 0 && isBeginningAsWritten(path, state)) ||
    // Killed while the first lines were written.
    linesOf(touchedBy(db, state.unreported).records).startsWith(head);
  if (isOurs) {
    const isWhole = state.mustRewrite || state.unreported.length > 0 || stat.size === state.offsetBytes;
    return { owner: 'this purge', isWhole };
  }
  const isOfAnother = lines.length > 0 && findItems(db, idsOf(lines)).size === 0;
  return { owner: isOfAnother ? 'another purge' : 'somebody', isWhole: false };
}

/** Whether a dry run wrote it, which keeps no checkpoint that could tell: nothing but lines of one, and an ID that is planned. */
export function isDryRunReport(text: string): boolean {
  const lines = text.split('\n');
  const told = lines.slice(0, -1).map(outcomeOf);
  return lines.at(-1) === '' && told.includes('planned') && told.every((outcome) => ['planned', 'protected', 'rejected'].includes(outcome));
}

function outcomeOf(text: string): string {
  const record = recordIn(text);
  // Written by us: nothing but what our own writer would make of it.
  return record !== undefined && JSON.stringify(record) === text && typeof record['source'] === 'string' ? String(record['outcome']) : '';
}

function headOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.toString('utf8', 0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function recordIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const OUTCOMES: readonly unknown[] = ['deleted', 'absent', 'failed', 'protected', 'rejected', 'planned'];

function parsed(text: string): HeadLine | undefined {
  const record = recordIn(text);
  if (record === undefined || !OUTCOMES.includes(record['outcome'])) return undefined;
  const { id, at, source, line } = record;
  return { text, id: typeof id === 'string' ? id : undefined, isAnswered: at !== undefined, source, line };
}

function holdsOurLine(db: DatabaseSync, lines: readonly HeadLine[]): boolean {
  const answered = lines.filter(({ isAnswered }) => isAnswered).slice(0, LINES_COMPARED_MAX);
  // Another purge of the same list has the same first lines, up to the first answer.
  const compared = answered.length > 0 ? answered : lines.slice(0, 1);
  const items = findItems(db, idsOf(compared));
  const rejected = db.prepare('SELECT -seq AS key FROM rejected JOIN source ON number = source WHERE line = ? AND path = ?');
  const keysOf = ({ id, line, source }: HeadLine): number[] => {
    if (id === undefined) return rejected.all(Number(line), String(source)).map(({ key }) => Number(key));
    const seq = items.get(id);
    return seq === undefined ? [] : [seq];
  };
  return compared.some((line) => linesOf(touchedBy(db, keysOf(line)).records) === `${line.text}\n`);
}

function idsOf(lines: readonly HeadLine[]): string[] {
  return lines.flatMap(({ id }) => id ?? []);
}
