import type { CheckpointFacts } from '../checkpoint/facts.ts';
import type { ExitCode } from '../domain/errors.ts';
import type { RunCounts, SuspiciousByKind, Summary } from '../domain/summary.ts';

/** The summary of a purge, as `--json` prints it. */
export function summaryOf(facts: CheckpointFacts, run: RunCounts, exitCode: ExitCode): Summary {
  return {
    job: facts.definition.job,
    state: facts.state,
    account: facts.definition.accountId,
    digest: facts.digest ?? null,
    intake: { ...facts.intake, suspicious: suspiciousByKind(facts) },
    protectedBy: facts.protectedBy,
    outcomes: facts.outcomes,
    pending: facts.pending,
    run,
    exitCode,
  };
}

function suspiciousByKind({ suspicious }: CheckpointFacts): SuspiciousByKind {
  return Object.fromEntries(suspicious.map(({ kind, ...found }) => [kind, found]));
}
