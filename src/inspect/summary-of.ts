import { type CheckpointFacts, sourceCounts } from '../checkpoint/facts.ts';
import type { PurgeFacts, RunCounts, SuspiciousByKind } from '../domain/summary.ts';

/** What `--json` prints of a purge, but how the run ended. */
export function purgeFacts(facts: CheckpointFacts, run: RunCounts): PurgeFacts {
  const { definition } = facts;
  const { backupFolder } = definition.guards;
  return {
    job: definition.job,
    state: facts.state,
    account: definition.accountId,
    baseUrl: definition.baseUrl,
    digest: facts.digest ?? null,
    note: definition.note,
    sources: sourceCounts(facts),
    intake: { ...facts.intake, suspicious: suspiciousByKind(facts) },
    protectedBy: facts.protectedBy,
    backupFolders: backupFolder === null ? [] : [backupFolder],
    outcomes: facts.outcomes,
    pending: facts.pending,
    run,
  };
}

function suspiciousByKind({ suspicious }: CheckpointFacts): SuspiciousByKind {
  return Object.fromEntries(suspicious.map(({ kind, ...found }) => [kind, found]));
}
