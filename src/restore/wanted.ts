import type { PurgeDeps } from '../run/deps.ts';
import type { RestoreRequest } from './restore-request.ts';

/** The images that are to be restored. */
export interface Wanted extends Disposable {
  isWanted(id: string): boolean;
  /** What `--only` names and is not among the IDs of the backup. */
  missingFrom(ids: Iterable<string>): readonly string[];
}

const ALL: Wanted = { isWanted: () => true, missingFrom: () => [], [Symbol.dispose]: () => undefined };

/** Reads the file of `--only` wholly, before anything is asked. */
export async function openWanted(
  { onlyPath, idFiles }: Pick<RestoreRequest, 'onlyPath' | 'idFiles'>,
  observer: PurgeDeps['observer'],
  halt: AbortSignal,
): Promise<Wanted> {
  if (onlyPath === undefined) return ALL;
  const [{ IdFiles }, { UnmetRows }] = await Promise.all([import('../list/id-files.ts'), import('../list/unmet-rows.ts')]);
  const rows = new UnmetRows(idFiles.excludeLiteral);
  const files = await IdFiles.read([onlyPath], idFiles, { observer, halt, called: 'file of --only' }, (batch) => rows.add(batch));
  return {
    isWanted: (id) => files.has(id),
    missingFrom: (ids) => rows.without([...ids]),
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}
