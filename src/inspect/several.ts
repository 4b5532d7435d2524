import { statSync } from 'node:fs';

import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { resolveCheckpointPath } from '../checkpoint/file/file-system.ts';
import { usageError } from '../domain/errors.ts';

/** A checkpoint as it was named, and whose purge it holds. */
export interface NamedPurge {
  readonly path: string;
  readonly definition: Pick<CheckpointFacts['definition'], 'job' | 'accountId' | 'baseUrl'>;
}

/** The checkpoints, each once: a second name, a link for one, is left out. */
export function distinctCheckpoints(paths: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return paths.filter((path) => {
    const file = fileOf(path);
    return !seen.has(file) && seen.add(file);
  });
}

function fileOf(path: string): string {
  const found = statSync(resolveCheckpointPath(path), { bigint: true, throwIfNoEntry: false });
  return found === undefined ? path : `${found.dev} ${found.ino}`;
}

/** What cannot be added up: purges of two accounts or API roots, and one purge twice. Exit 2. */
export function refuseToMerge(purges: readonly NamedPurge[]): void {
  const [first, ...others] = purges;
  if (first === undefined) return;
  for (const other of others) {
    refuseOther({ code: 'OTHER_ACCOUNT', what: 'accounts' }, first, other, ({ definition }) => definition.accountId);
    refuseOther({ code: 'OTHER_API_ROOT', what: 'API roots' }, first, other, ({ definition }) => definition.baseUrl);
  }
  const byJob = new Map<string, NamedPurge>();
  for (const purge of purges) {
    const copy = byJob.get(purge.definition.job);
    if (copy !== undefined) {
      throw usageError('SAME_PURGE', `${copy.path} and ${purge.path} hold the same purge; it would be counted twice.`, 'Name one of them.');
    }
    byJob.set(purge.definition.job, purge);
  }
}

function refuseOther(
  { code, what }: { readonly code: string; readonly what: string },
  first: NamedPurge,
  other: NamedPurge,
  of: (purge: NamedPurge) => string,
): void {
  if (of(first) === of(other)) return;
  throw usageError(
    code,
    `${first.path} and ${other.path} are purges of two ${what} (${of(first)}, ${of(other)}); they are not added up.`,
    'Ask for each by itself.',
  );
}
