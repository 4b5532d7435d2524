import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Simulator } from '../../src/simulator/simulator.ts';
import { sentinelsInFolder } from '../support/cli/sentinels.ts';
import { type Scenario, setAsideIn } from './scenarios.ts';
import { stateOf } from './oracle/state-of.ts';

export type KillPhase =
  | 'before there was a checkpoint'
  | 'intake'
  | 'deleting'
  | 'drain'
  | 'all answered, not yet finished'
  | 'finished, not yet closed'
  | 'after its end';

/** How far a killed command had come, by what the checkpoint holds afterwards. */
export function phaseOf({ setsAside, stopAfter }: Scenario, folder: string, simulator: Simulator): KillPhase {
  const state = setsAside === true && setAsideIn(folder).length === 0 ? undefined : stateOf(join(folder, 'a.csv.checkpoint'));
  if (state === undefined) return 'before there was a checkpoint';
  if (!state.isIntakeComplete) return 'intake';
  if (state.isFinished) return 'finished, not yet closed';
  if (![...state.items.values()].includes(undefined)) return 'all answered, not yet finished';
  return stopAfter !== undefined && simulator.record.requestCount >= stopAfter ? 'drain' : 'deleting';
}

/** What is wrong with the finished purge that a new one has set aside, compared with the folder it was copied from. */
export function setAsideProblems(folder: string, origin: string): string[] {
  const [name, ...more] = setAsideIn(folder);
  if (name === undefined || more.length > 0) return [`${more.length + (name === undefined ? 0 : 1)} checkpoints were set aside`];
  const report = `a.csv.checkpoint.report.ndjson${name.slice('a.csv.checkpoint'.length)}`;
  if (!existsSync(join(folder, report))) return [`${report} is not there`];
  const isSame = readFileSync(join(folder, report), 'utf8') === readFileSync(join(origin, 'a.csv.checkpoint.report.ndjson'), 'utf8');
  return [
    ...(isSame ? [] : ['the report set aside is not as it was']),
    ...(existsSync(`${join(folder, name)}-wal`) ? ['a WAL was left beside the checkpoint set aside'] : []),
  ];
}

/** Removes the folder, unless something is wrong with what is in it: then it stays to be looked into. */
export function keptWhereNotEmpty(folder: string, found: readonly string[]): readonly string[] {
  const problems = [...found, ...sentinelsInFolder(folder)];
  if (problems.length > 0) return [...problems, `files in ${folder}`];
  rmSync(folder, { recursive: true });
  return [];
}
