import { isKnownColumn, KNOWN_COLUMNS } from '../form/columns.ts';
import type { RowSink } from '../sink.ts';

/** Lines of a report whose IDs need nothing more; those of `failed` and `planned` IDs are taken. */
const OUTCOMES_PASSED_OVER = ['deleted', 'absent', 'protected', 'rejected'];
/** What tells a line of a report, beside the ID. */
export const REPORT_KEYS: readonly string[] = ['outcome', 'source', 'line'];

/** How the reason begins where an object is rejected since two of its fields may hold the ID. */
export const MORE_THAN_ONE_FIELD = 'holds more than one ID field';

/** Takes the ID out of one JSON object. */
export interface RecordReader {
  /** Whether the ID may be under this key. */
  isIdKey(key: string): boolean;
  /** @param raw - what is told of the object where it is rejected */
  read(object: Readonly<Record<string, unknown>>, raw: () => string, line: number): void;
}

/** @param column - what `--column` says; `undefined`: one of the known names */
export function createRecordReader(column: string | undefined, sink: RowSink): RecordReader {
  const known = createKeyTest(column === undefined ? isKnownColumn : (key) => key.toLowerCase() === column.toLowerCase());

  function idKeys(object: Readonly<Record<string, unknown>>): readonly string[] {
    if (column !== undefined && Object.hasOwn(object, column)) return [column];
    const keys: string[] = [];
    for (const key in object) if (known(key) && Object.hasOwn(object, key)) keys.push(key);
    return keys;
  }

  return {
    isIdKey: known,
    read(object, raw, line) {
      const outcome = object['outcome'];
      if (typeof outcome === 'string' && OUTCOMES_PASSED_OVER.includes(outcome) && isReportLine(object)) return sink.skip();
      const keys = idKeys(object);
      if (keys.length > 1) return sink.reject(raw(), `${MORE_THAN_ONE_FIELD}: ${keys.join(', ')}`, line);
      const [only] = keys;
      const value = only === undefined ? undefined : object[only];
      if (typeof value === 'string') return sink.value(value, line);
      if (value !== undefined) return sink.reject(raw(), `its field ${only} is no string`, line);
      if (isReportLine(object)) return sink.skip();
      sink.reject(raw(), column === undefined ? `has none of the fields ${KNOWN_COLUMNS.join(', ')}` : `has no field ${column}`, line);
    },
  };
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

/** Other NDJSON may have a field `outcome` too; only a report has it beside a source and a line. */
function isReportLine(object: Readonly<Record<string, unknown>>): boolean {
  return typeof object['source'] === 'string' && typeof object['line'] === 'number';
}
