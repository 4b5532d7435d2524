import { isKnownColumn, KNOWN_COLUMNS, nearestName } from '../form/column-names.ts';
import { isPassedOver, OUTCOME_FIELD } from '../report-row.ts';
import type { RowSink } from '../sink.ts';

/** What tells a line of a report, beside the ID. */
export const REPORT_KEYS: readonly string[] = [OUTCOME_FIELD, 'source', 'line'];

/** How the reason begins where an object is rejected since two of its fields may hold the ID. */
export const MORE_THAN_ONE_FIELD = 'holds more than one ID field';

/** Takes the ID out of one JSON object. */
export interface RecordReader {
  /** Whether the ID may be under this key. */
  isIdKey(key: string): boolean;
  read(object: Readonly<Record<string, unknown>>, text: RecordText, line: number): void;
}

/** What an object does not tell of the text it was written as. */
export interface RecordText {
  /** What is told of the object where it is rejected. */
  readonly raw: () => string;
  /** The first of these keys that is given more than once. */
  readonly repeatedKey: (keys: readonly string[]) => string | undefined;
}

export interface RecordOptions {
  /** What `--column` says; `undefined`: one of the known names. */
  readonly column: string | undefined;
  /** Lines of a report are taken where their IDs are not done. */
  readonly takesReports: boolean;
}

export function createRecordReader({ column, takesReports }: RecordOptions, sink: RowSink): RecordReader {
  const known = createKeyTest(column === undefined ? isKnownColumn : (key) => key.toLowerCase() === column.toLowerCase());

  function idKeys(object: Readonly<Record<string, unknown>>): readonly string[] {
    if (column !== undefined && Object.hasOwn(object, column)) return [column];
    const keys: string[] = [];
    for (const key in object) if (known(key) && Object.hasOwn(object, key)) keys.push(key);
    return keys;
  }

  return {
    isIdKey: known,
    read(object, { raw, repeatedKey }, line) {
      const keys = idKeys(object);
      const repeated = repeatedKey(Object.hasOwn(object, OUTCOME_FIELD) ? [...keys, OUTCOME_FIELD] : keys);
      if (repeated !== undefined) return sink.reject(raw(), `gives its field ${repeated} more than once`, line);
      if (isPassedOver(object[OUTCOME_FIELD], takesReports)) return sink.skip();
      if (keys.length > 1) return sink.reject(raw(), `${MORE_THAN_ONE_FIELD}: ${keys.join(', ')}`, line);
      const [only] = keys;
      const value = only === undefined ? undefined : object[only];
      if (typeof value === 'string') return sink.value(value, line);
      if (value !== undefined) return sink.reject(raw(), `its field ${only} is no string`, line);
      if (isReportLine(object)) return sink.skip();
      sink.reject(raw(), column === undefined ? `has none of the fields ${KNOWN_COLUMNS.join(', ')}` : noField(column, object), line);
    },
  };
}

function noField(column: string, object: object): string {
  const near = nearestName(column, Object.keys(object));
  return near === undefined ? `has no field ${column}` : `has no field ${column} (is ${near} meant?)`;
}

/** The keys of one list are few, and asked for in each of its objects. */
function createKeyTest(test: (key: string) => boolean): (key: string) => boolean {
  const KEYS_KEPT_MAX = 1_000;
  const answers = new Map<string, boolean>();
  return (key) => {
    const kept = answers.get(key);
    if (kept !== undefined) return kept;
    const answer = test(key);
    if (answers.size < KEYS_KEPT_MAX) answers.set(key, answer);
    return answer;
  };
}

/** Of a line without an ID: only a report has these two. */
function isReportLine(object: Readonly<Record<string, unknown>>): boolean {
  return typeof object['source'] === 'string' && typeof object['line'] === 'number';
}
