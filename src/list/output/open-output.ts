import { resolve } from 'node:path';
import { statSync } from 'node:fs';

import type { PurgeDeps } from '../../run/deps.ts';
import { createOutputFile } from '../../report/output-file.ts';
import type { ListRequest } from '../list-request.ts';
import type { ListOutput } from './list-output.ts';
import { ResumableFile } from './resumable-file.ts';
import { streamedOutput } from './streamed.ts';

interface OutputDeps extends Pick<PurgeDeps, 'clock' | 'observer'> {
  readonly writeRows: (text: string) => Promise<void>;
}

/** @param rules - names what the files of `--in` and `--not-in` hold */
export async function openListOutput(request: ListRequest, rules: string, { clock, observer, writeRows }: OutputDeps): Promise<ListOutput> {
  const { outPath, overwrites, format, asked } = request;
  if (outPath === undefined) return streamedOutput(writeRows, undefined, clock.wallMs());
  const path = resolve(outPath);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile() && !found.isDirectory()) {
    // A pipe or a device must not be replaced by a file.
    const stream = await createOutputFile(path, 'overwrite');
    return streamedOutput((text) => stream.write(text), stream, clock.wallMs());
  }
  return ResumableFile.open({
    path: outPath,
    overwrites,
    format,
    asked: JSON.stringify({ ...asked, rules }),
    wallMs: () => clock.wallMs(),
    onBeginAgain: (message) => observer.event({ kind: 'warning', code: 'LIST_BEGUN_AGAIN', message }),
  });
}
