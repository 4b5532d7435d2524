import { reportPlace } from '../checkpoint/report-state.ts';
import { usageError } from '../domain/errors.ts';
import { isForeignReport } from '../report/ndjson-file.ts';

export function isRecorded(path: string, recordedFile: string | undefined): boolean {
  return recordedFile !== undefined && reportPlace(path) === reportPlace(recordedFile);
}

/** A file that was there before is not ours to write to, unless the checkpoint has recorded it as its report (exit 2). */
export function refuseForeignReport(path: string, recordedFile: string | undefined): void {
  if (isRecorded(path, recordedFile) || !isForeignReport(path)) return;
  throw usageError(
    'REPORT_EXISTS',
    `the report ${path} exists already and is not this purge's; it was not touched.`,
    'Move it away, or give another file with --report.',
  );
}
