/**
 * What is recorded of an answered ID, defined once: how it crosses between threads, its columns in the checkpoint, its
 * place in a line of the report and in a row of the CSV, and its type all follow from here. A new field is an entry in
 * this table, a line in `send/item-sender.ts` that says where its value comes from, and a column for the
 * checkpoints that exist already (`checkpoint/format/migrations.ts`).
 *
 * @module
 */
/** Outcomes that an answer of the API decided. */
export type AnsweredOutcome = 'deleted' | 'absent' | 'failed';

export type FieldKind = 'number' | 'optional number' | 'optional text' | 'optional code' | 'flag' | 'time';

/** The API's number for an error, or the name of what kept an answer away: `ECONNRESET`, `timeout`. */
export type ErrorCode = number | string;

export interface ResultField {
  /** `time` is milliseconds since 1970, and ISO 8601 in reports. A `flag` that is not set is left out of reports. */
  readonly kind: FieldKind;
  /** Its name in the NDJSON report and in the header of the CSV. */
  readonly reportName: string;
  readonly column: string;
  /** `detail` holds a row for each failed ID alone: most IDs do not fail, and their rows stay small. */
  readonly table: 'result' | 'detail';
  /** The only outcomes whose line tells it. Without this: all of them, or failed ones for a field of `detail`. */
  readonly reportedFor?: readonly AnsweredOutcome[];
  /** What the line of an outcome tells where nothing is stored, because it is always the same. */
  readonly implied?: { readonly [O in AnsweredOutcome]?: number };
}

/** In the order of the report. */
export const RESULT_FIELDS = {
  /** `undefined` where no answer arrived at all. */
  httpStatus: { kind: 'optional number', reportName: 'httpStatus', table: 'result', column: 'http_status' },
  /** 5404 is what makes a 404 mean "no such image"; every absent ID was answered with it. */
  code: { kind: 'optional code', reportName: 'code', table: 'detail', column: 'code', implied: { absent: 5404 } },
  message: { kind: 'optional text', reportName: 'message', table: 'detail', column: 'message' },
  attempts: { kind: 'number', reportName: 'attempts', table: 'result', column: 'attempts' },
  /** An earlier request of this purge for the ID ended without an answer, or in one that is retried: it may be why the ID is absent. */
  earlierUnknown: { kind: 'flag', reportName: 'earlierUnknown', table: 'result', column: 'is_unknown', reportedFor: ['absent'] },
  cfRay: { kind: 'optional text', reportName: 'cfRay', table: 'detail', column: 'cf_ray' },
  atMs: { kind: 'time', reportName: 'at', table: 'result', column: 'at_ms' },
  durationMs: { kind: 'number', reportName: 'durationMs', table: 'result', column: 'duration_ms' },
} as const;

interface ValueOfKind {
  readonly number: number;
  readonly 'optional number': number | undefined;
  readonly 'optional text': string | undefined;
  readonly 'optional code': ErrorCode | undefined;
  readonly flag: boolean;
  readonly time: number;
}

type Fields = typeof RESULT_FIELDS;

/** The values of an answered ID by the names of {@link RESULT_FIELDS}. */
export type ResultValues = { readonly [K in keyof Fields]: ValueOfKind[Fields[K]['kind']] };

export type ResultKey = keyof Fields;

/** One value of a result, whichever field's it is. */
export type ResultValue = string | number | boolean | undefined;

export interface NamedField extends ResultField {
  readonly key: ResultKey;
  /** Its place in {@link FIELD_LIST}; rows that are written and read in great numbers are arrays in that order. */
  readonly index: number;
}

export const FIELD_LIST: readonly NamedField[] = Object.entries<ResultField>(RESULT_FIELDS).map(([key, field], index) => ({
  ...field,
  key: key as ResultKey,
  index,
}));

export const ANSWERED_OUTCOMES: readonly AnsweredOutcome[] = ['deleted', 'absent', 'failed'];

/** For each outcome, the fields its line does not take from what is stored, with what it tells in their place. */
const UNREPORTED: Readonly<Record<AnsweredOutcome, readonly { readonly index: number; readonly instead: ResultValue }[]>> = {
  deleted: unreportedOf('deleted'),
  absent: unreportedOf('absent'),
  failed: unreportedOf('failed'),
};

function unreportedOf(outcome: AnsweredOutcome): { readonly index: number; readonly instead: ResultValue }[] {
  return FIELD_LIST.filter((field) => !isReported(field, outcome)).map(({ index, kind, implied }) => ({
    index,
    instead: implied?.[outcome] ?? (kind === 'flag' ? false : undefined),
  }));
}

/** Whether a line of this outcome tells what is stored of the field. */
export function isReported({ table, reportedFor }: ResultField, outcome: AnsweredOutcome): boolean {
  return (reportedFor ?? (table === 'detail' ? ['failed'] : ANSWERED_OUTCOMES)).includes(outcome);
}

/** Turns what is stored of an ID (in the order of {@link FIELD_LIST}) into what its line tells, in place. */
export function replaceUnreported(outcome: AnsweredOutcome, values: ResultValue[]): void {
  for (const { index, instead } of UNREPORTED[outcome]) values[index] = instead;
}

/** The columns of a report as CSV begin and end with these in every version; between them stand the fields of its time. */
const CSV_COLUMNS_FIRST: readonly string[] = ['id', 'outcome'];
/** Those of a protected ID (`ProtectedRecord`). */
const CSV_COLUMNS_PROTECTED: readonly string[] = ['rule', 'near', 'entry'];
const CSV_COLUMNS_LAST: readonly string[] = ['source', 'line', 'raw', 'reason'];

export const REPORT_CSV_COLUMNS: readonly string[] = [
  ...CSV_COLUMNS_FIRST,
  ...FIELD_LIST.map(({ reportName }) => reportName),
  ...CSV_COLUMNS_PROTECTED,
  ...CSV_COLUMNS_LAST,
];

/** Whether a first row is that of a report as CSV, of this version or of one with other fields. */
export function isReportHeader(row: readonly string[]): boolean {
  return CSV_COLUMNS_FIRST.every((name, index) => row[index] === name) && CSV_COLUMNS_LAST.every((name) => row.includes(name));
}
