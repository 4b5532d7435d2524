import { brokenSource } from './broken.ts';
import { KNOWN_COLUMNS } from './form/columns.ts';
import type { RowReader, RowSink } from './sink.ts';

export interface NdjsonReaderOptions {
  readonly name: string;
  /** The field that holds the ID; `undefined`: one of the known ones. */
  readonly field: string | undefined;
  readonly sink: RowSink;
}

/** Lines of a report whose IDs need nothing more; those of `failed` and `planned` IDs are taken. */
const OUTCOMES_PASSED_OVER = ['deleted', 'absent', 'protected', 'rejected'];

/** One JSON object a line. A report of images-purge is a source too: what is done in it is passed over. */
export function createNdjsonReader({ name, field, sink }: NdjsonReaderOptions): RowReader {
  let line = 0;

  function read(text: string, isUnterminated: boolean): void {
    const lines = text.split(/\r\n|\n|\r/);
    if (!isUnterminated) lines.pop();
    for (const raw of lines) {
      line++;
      if (raw.trim() !== '') readObject(raw);
    }
  }

  function readObject(raw: string): void {
    const parsed = parseLine(raw);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return sink.reject(raw, 'is no JSON object', line);
    const object = parsed as Record<string, unknown>;
    const { outcome } = object as { outcome?: unknown };
    if (typeof outcome === 'string' && OUTCOMES_PASSED_OVER.includes(outcome) && isReportLine(object)) return sink.skip();
    const fields = field === undefined ? KNOWN_COLUMNS.filter((known) => Object.hasOwn(object, known)) : [field];
    if (fields.length > 1) return sink.reject(raw, `holds more than one ID field: ${fields.join(', ')}`, line);
    const [only] = fields;
    const value = only === undefined || !Object.hasOwn(object, only) ? undefined : object[only];
    if (typeof value === 'string') return sink.value(value, line);
    if (value !== undefined) return sink.reject(raw, `its field ${only} is no string`, line);
    if (isReportLine(object)) return sink.skip();
    sink.reject(raw, field === undefined ? `has none of the fields ${KNOWN_COLUMNS.join(', ')}` : `has no field ${field}`, line);
  }

  function parseLine(raw: string): unknown {
    try {
      return JSON.parse(raw);
    } catch (error) {
      throw brokenSource(name, line, 'this line is no JSON', error);
    }
  }

  return { push: (text) => read(text, false), end: read };
}

/** Other NDJSON may have a field `outcome` too; only a report has it beside a source and a line. */
function isReportLine(object: Record<string, unknown>): boolean {
  return typeof object['source'] === 'string' && typeof object['line'] === 'number';
}
