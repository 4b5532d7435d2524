import type { OutputFile } from '../../report/output-file.ts';
import type { ListOutput } from './list-output.ts';

/** Rows to stdout, a pipe or a device: what is written is gone. */
export function streamedOutput(
  write: (text: string) => Promise<void>,
  file: Pick<OutputFile, 'complete' | 'discardIfIncomplete'> | undefined,
  startedMs: number,
): ListOutput {
  let hasWritten = false;
  let isComplete = false;
  return {
    startedMs,
    resumed: undefined,
    idsBefore: () => [],
    async append(rows) {
      if (rows === '') return;
      hasWritten = true;
      await write(rows);
    },
    beginAgain: () => !hasWritten,
    async complete() {
      await file?.complete();
      isComplete = true;
    },
    async close() {
      if (!isComplete) await file?.discardIfIncomplete();
    },
  };
}
