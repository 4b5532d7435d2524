import type { Definition, RecordedGuards } from '../checkpoint/facts.ts';
import { recordedForm } from '../intake/sources.ts';
import type { DeleteOptions, GuardOptions } from '../run/run-options.ts';

export function recordedGuards(guards: GuardOptions): RecordedGuards {
  const { strict, idCountMin, deletesMax, protectedCountMin, failOnAbsent, verifies, backupFolder } = guards;
  return {
    strict,
    idCountMin,
    deletesCountMax: deletesMax.kind === 'count' ? deletesMax.count : null,
    deletesPercentMax: deletesMax.kind === 'share' ? deletesMax.percent : null,
    protectedCountMin,
    failOnAbsent,
    verifies,
    backupFolder,
  };
}

export function newDefinition(options: DeleteOptions, job: string, nowMs: number): Definition {
  return {
    job,
    accountId: options.api.accountId,
    baseUrl: options.api.baseUrl,
    createdAtMs: nowMs,
    form: recordedForm(options),
    guards: recordedGuards(options.guards),
    shard: options.shard,
    otherShardsCount: 0,
    otherShardsProtectedCount: 0,
    sourceCounts: null,
  };
}
