import type { AnsweredRecord, ProtectedRecord, ReportRecord, UnsentRecord } from '../domain/record.ts';
import { type AnsweredOutcome, FIELD_LIST, type ResultValue } from '../domain/result-fields.ts';
import type { ImageId } from '../domain/image-id.ts';

/** Whose line it is, and where that stood in the source. */
export interface LineItem {
  readonly id: ImageId;
  readonly source: string;
  readonly line: number;
}

const FIELDS = FIELD_LIST.map(({ kind, reportName }) => ({ kind, prefix: `"${reportName}":` }));

/** One NDJSON line of the report, the fields in the order of their definition, those without a value left out. */
export function reportLine(record: ReportRecord): string {
  switch (record.outcome) {
    case 'rejected':
      return `{"raw":${JSON.stringify(record.raw)},"outcome":"rejected","reason":${JSON.stringify(record.reason)},${placeOf(record)}`;
    case 'protected':
      return `{"id":${JSON.stringify(record.id)},"outcome":"protected",${heldBy(record)}${placeOf(record)}`;
    case 'planned':
    case 'pending':
      return `{"id":${JSON.stringify(record.id)},"outcome":"${record.outcome}",${toldOf(record)}${placeOf(record)}`;
    case 'deleted':
    case 'absent':
    case 'failed':
      return answeredLine(record.outcome, record, valuesOf(record));
  }
}

/**
 * The line of an answered ID. Tens of thousands are written a second, so it is concatenated from an array of values.
 *
 * @param values - what the line tells, in the order of `FIELD_LIST`
 */
export function answeredLine(outcome: AnsweredOutcome, item: LineItem, values: readonly ResultValue[]): string {
  let line = `{"id":${JSON.stringify(item.id)},"outcome":"${outcome}",`;
  for (let index = 0; index < FIELDS.length; index++) {
    const value = values[index];
    if (value === undefined || value === false) continue;
    const { kind, prefix } = FIELDS[index] as (typeof FIELDS)[number];
    switch (kind) {
      case 'number':
      case 'optional number':
      case 'flag':
        line += `${prefix}${value as number | true},`;
        break;
      case 'optional text':
      case 'optional code':
        line += `${prefix}${JSON.stringify(value)},`;
        break;
      case 'time':
        line += `${prefix}"${isoTime(value as number)}",`;
        break;
    }
  }
  return line + placeOf(item);
}

/** The fields of the object, without its braces. */
function toldOf({ asked }: UnsentRecord): string {
  return asked === undefined ? '' : `${asked.slice(1, -1)},`;
}

function heldBy({ rule, near, entry, earlierUnknown }: ProtectedRecord): string {
  const named = rule === undefined ? '' : `"rule":${JSON.stringify(rule)},`;
  const spelled = near ? `"near":true,"entry":${JSON.stringify(entry)},` : '';
  return `${named}${spelled}${earlierUnknown ? '"earlierUnknown":true,' : ''}`;
}

const reused: ResultValue[] = FIELD_LIST.map(() => undefined);

function valuesOf(record: AnsweredRecord): readonly ResultValue[] {
  for (const { key, index } of FIELD_LIST) reused[index] = record[key];
  return reused;
}

function placeOf({ source, line }: { readonly source: string; readonly line: number }): string {
  if (source !== cachedSource) {
    cachedSource = source;
    cachedSourceJson = JSON.stringify(source);
  }
  return `"source":${cachedSourceJson},"line":${line}}\n`;
}

let cachedSource = '';
let cachedSourceJson = '""';

let cachedSecond = Number.NaN;
let cachedPrefix = '';

/** `2026-11-24T02:00:00.000Z`; thousands of answers share a second, so its text is made once. */
function isoTime(atMs: number): string {
  const second = Math.floor(atMs / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedPrefix = new Date(second * 1000).toISOString().slice(0, -4);
  }
  return `${cachedPrefix}${String(atMs - second * 1000).padStart(3, '0')}Z`;
}
