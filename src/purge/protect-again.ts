import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { isPipeLike } from '../read/bytes.ts';
import { UserError } from '../domain/errors.ts';
import { stageIdRules } from '../intake/id-rules.ts';
import { type ProtectEffects, type ProtectOptions, readProtectLists } from '../intake/protect-list.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { ResumeOptions } from '../run/run-options.ts';
import { goingOn } from './found/in-the-way.ts';

/**
 * Reads the exclude files of this command, and again those on record of the purge that it resumes: entries may have been added since.
 * What was recorded stays in force, so that a file that is gone is a warning.
 *
 * @param resumed - `undefined`: a new purge
 */
export async function readAllProtectLists(
  options: ProtectOptions & Pick<ResumeOptions, 'dropsGuards' | 'checkpointPath' | 'given'>,
  resumed: CheckpointFacts | undefined,
  effects: ProtectEffects,
): Promise<void> {
  try {
    await readProtectLists(options, effects);
  } catch (error) {
    throw resumed === undefined ? error : withoutGoneFiles(error, options, resumed);
  }
  await stageIdRules(options.excludeIds, effects.stage);
  if (resumed === undefined || options.dropsGuards) return;
  const given = new Set(options.excludePaths.map((path) => resolve(path)));
  for (const { path, column, isLiteral } of resumed.excludeFiles) {
    if (path === '' || given.has(path)) continue;
    if (!existsSync(path)) {
      const message = `the exclude file ${path} is not there any more; its entries of the earlier run stay in force.`;
      effects.observer.event({ kind: 'warning', code: 'EXCLUDE_MISSING', message });
    } else if (!isPipeLike(path))
      await readProtectLists(
        { excludePaths: [path], excludeColumn: column ?? undefined, excludeLiteral: isLiteral, allowEmptyExclude: true },
        effects,
      );
  }
}

/** What a file that is gone held is protected already, where the purge that goes on has read it. */
function withoutGoneFiles(
  error: unknown,
  options: Pick<ResumeOptions, 'excludePaths' | 'dropsGuards' | 'checkpointPath' | 'given'>,
  resumed: CheckpointFacts,
): unknown {
  const paths = new Set(options.excludePaths.map((path) => resolve(path)));
  const gone = resumed.excludeFiles.filter(({ path, isGone }) => isGone && paths.has(path)).map(({ path }) => path);
  if (!(error instanceof UserError) || error.code !== 'EXCLUDE_UNREADABLE' || gone.length === 0 || options.dropsGuards) return error;
  const { code, exitCode, message } = error;
  const told = `What ${gone.join(', ')} held when it was read stays protected.`;
  const nextSteps = [...error.nextSteps, `${told} To go on with that:  ${goingOn(resumed, options)}`];
  return new UserError({ code, exitCode, message, nextSteps });
}

/** Rows of exclude files go to the ledger, which keeps them until a checkpoint is open. */
export function protectEffects(ledger: Ledger, { observer }: Pick<PurgeDeps, 'observer'>, halt: AbortSignal): ProtectEffects {
  return { stage: (rows) => ledger.ask('stageProtected', rows), observer, halt, called: 'exclude file' };
}
