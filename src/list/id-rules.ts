import type { Observer } from '../observe/events.ts';
import type { IdFiles } from './id-files.ts';
import type { ListRequest } from './list-request.ts';

/** `--in` and `--not-in`. */
export interface IdRules extends Disposable {
  readonly count: number;
  /** Names what the files hold. */
  readonly digest: string;
  isWanted(id: string): boolean;
}

/** Reads the files wholly, before anything is asked. */
export async function openIdRules(
  { inPaths, notInPaths, idFiles }: Pick<ListRequest, 'inPaths' | 'notInPaths' | 'idFiles'>,
  observer: Observer,
  halt: AbortSignal,
): Promise<IdRules> {
  using opened = new DisposableStack();
  const open = async (paths: readonly string[], called: 'file of --in' | 'file of --not-in'): Promise<IdFiles | undefined> => {
    if (paths.length === 0) return undefined;
    // What reads files is a tenth of the memory of a list that needs none.
    const { IdFiles } = await import('./id-files.ts');
    return opened.use(await IdFiles.read(paths, idFiles, { observer, halt, called }));
  };
  const within = await open(inPaths, 'file of --in');
  const without = await open(notInPaths, 'file of --not-in');
  const kept = opened.move();
  return {
    count: inPaths.length + notInPaths.length,
    digest: [within, without].map((files) => files?.digest() ?? '').join(' '),
    isWanted: (id) => within?.has(id) !== false && without?.has(id) !== true,
    [Symbol.dispose]: () => kept.dispose(),
  };
}
