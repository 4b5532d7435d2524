import { brokenSource } from '../broken.ts';
import { createRecordReader, type RecordOptions } from './json-record.ts';
import { repeatedKey } from './repeated-key.ts';
import type { RowReader, RowSink } from '../sink.ts';

export interface NdjsonReaderOptions {
  readonly name: string;
  readonly records: RecordOptions;
  readonly sink: RowSink;
}

/** One JSON object a line. A report of images-purge is a source too: what is done in it is passed over. */
export function createNdjsonReader({ name, records: recordOptions, sink }: NdjsonReaderOptions): RowReader {
  const records = createRecordReader(recordOptions, sink);
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
    records.read(parsed as Record<string, unknown>, { raw: () => raw, repeatedKey: (keys) => repeatedKey(raw, keys) }, line);
  }

  function parseLine(raw: string): unknown {
    try {
      return JSON.parse(raw);
    } catch (error) {
      throw brokenSource(name, line, 'this line is no JSON', { cause: error });
    }
  }

  return { push: (text) => read(text, false), end: read };
}
