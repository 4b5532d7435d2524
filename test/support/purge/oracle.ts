import { existsSync, readFileSync } from 'node:fs';

import { openDatabaseToRead } from '../../../src/checkpoint/file/database.ts';
import { allRecords } from '../../../src/checkpoint/report-records.ts';
import type { ReportRecord } from '../../../src/domain/record.ts';
import { reportLine } from '../../../src/report/line.ts';
import type { PurgeBench } from './purge.ts';

export interface Expected {
  /** IDs that the purge accepted; all of them exist until it deletes them. */
  readonly accepted: readonly string[];
  readonly checkpoint?: string;
  readonly report?: string;
  /** IDs that other purges of the same test were allowed to send. */
  readonly acceptedElsewhere?: readonly string[];
}

/**
 * Compares the three witnesses of a purge at its end: what the server did, what the checkpoint holds and what the
 * report says. Returns every contradiction in words; none is what is wanted.
 */
export function contradictions(bench: PurgeBench, expected: Expected): string[] {
  const { accepted, checkpoint = 'ids.csv.checkpoint', report = `${checkpoint}.report.ndjson` } = expected;
  const records = new Map(recordsIn(bench.path(checkpoint)).map((record) => [idOf(record), record]));
  return [
    ...sentWronglyOf(bench, [...accepted, ...(expected.acceptedElsewhere ?? [])]),
    ...accepted.filter((id) => !records.has(id)).map((id) => `${id} was forgotten: the checkpoint holds no outcome of it`),
    ...[...records.keys()].filter((id) => !accepted.includes(id)).map((id) => `${id} has an outcome and was never accepted`),
    ...[...records.values()].flatMap((record) => untruth(bench, record)),
    ...differences(bench.path(report), records),
  ];
}

/** What must hold at any instant, after whatever was broken: nothing is called deleted that is not, nothing was sent that must not be. */
export function contradictionsSoFar(
  bench: PurgeBench,
  { accepted, acceptedElsewhere = [], checkpoint = 'ids.csv.checkpoint' }: Expected,
): string[] {
  const records = existsSync(bench.path(checkpoint)) ? recordsIn(bench.path(checkpoint)) : [];
  return [...sentWronglyOf(bench, [...accepted, ...acceptedElsewhere]), ...records.flatMap((record) => untruth(bench, record))];
}

function recordsIn(checkpointPath: string): ReportRecord[] {
  const db = openDatabaseToRead(checkpointPath);
  try {
    return [...allRecords(db)];
  } finally {
    db.close();
  }
}

function sentWronglyOf({ simulator }: PurgeBench, accepted: readonly string[]): string[] {
  const may = new Set(accepted);
  const sent = [...simulator.record.deleteRequests.keys()].filter((id) => !may.has(id));
  return [
    ...sent.map((id) => `${id} was sent and never accepted`),
    ...simulator.record.siblingHits.map((url) => `${url} is another route`),
  ];
}

function untruth({ simulator }: PurgeBench, record: ReportRecord): string[] {
  const id = idOf(record);
  if (record.outcome === 'deleted' && !simulator.record.deleted.has(id)) return [`${id} is called deleted and the server never deleted it`];
  if (record.outcome !== 'absent') return [];
  if (!simulator.record.deleted.has(id)) return [`${id} is called absent and is still there`];
  return record.earlierUnknown ? [] : [`${id} is called absent by others' doing, and this purge deleted it`];
}

/** Every record has exactly its line, and there is no other. */
function differences(reportPath: string, records: ReadonlyMap<string, ReportRecord>): string[] {
  const text = readFileSync(reportPath, 'utf8');
  if (text !== '' && !text.endsWith('\n')) return ['the report ends in half a line'];
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line) => `${line}\n`);
  const left = new Map([...records].map(([id, record]) => [reportLine(record), id]));
  const surplus = lines.filter((line) => !left.delete(line));
  return [
    ...surplus.map((line) => `the report holds a line too many: ${line}`),
    ...[...left.values()].map((id) => `the report lacks the line of ${id}`),
  ];
}

function idOf(record: ReportRecord): string {
  return record.outcome === 'rejected' ? `rejected: ${record.raw}` : record.id;
}
