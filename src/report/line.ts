import type { AnsweredRecord, ReportRecord } from '../domain/record.ts';

/** One NDJSON line of the report, the fields in the contract's order, those without a value left out. */
export function reportLine(record: ReportRecord): string {
  const place = `"source":${JSON.stringify(record.source)},"line":${record.line}}\n`;
  switch (record.outcome) {
    case 'rejected':
      return `{"raw":${JSON.stringify(record.raw)},"outcome":"rejected","reason":${JSON.stringify(record.reason)},${place}`;
    case 'protected':
    case 'planned':
      return `{"id":${JSON.stringify(record.id)},"outcome":"${record.outcome}",${place}`;
    case 'deleted':
    case 'absent':
    case 'failed':
      return `{"id":${JSON.stringify(record.id)},"outcome":"${record.outcome}",${answerFields(record)}${place}`;
  }
}

// Concatenated, because tens of thousands of these are written a second.
function answerFields(record: AnsweredRecord): string {
  let fields = '';
  if (record.httpStatus !== undefined) fields += `"httpStatus":${record.httpStatus},`;
  if (record.code !== undefined) fields += `"code":${record.code},`;
  if (record.message !== undefined) fields += `"message":${JSON.stringify(record.message)},`;
  fields += `"attempts":${record.attempts},`;
  if (record.earlierUnknown) fields += '"earlierUnknown":true,';
  if (record.cfRay !== undefined) fields += `"cfRay":${JSON.stringify(record.cfRay)},`;
  return `${fields}"at":"${isoTime(record.atMs)}","durationMs":${record.durationMs},`;
}

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
