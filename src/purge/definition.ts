import type { Definition, RecordedGuards } from '../checkpoint/facts.ts';
import { recordedForm } from '../intake/sources.ts';
import type { DeleteOptions } from '../run/run-options.ts';

export function recordedGuards({ guards, newerThanMs }: Pick<DeleteOptions, 'guards' | 'newerThanMs'>): RecordedGuards {
  const { strict, idCountMin, deletesMax, protectedCountMin, failOnAbsent, verifies, backupFolder } = guards;
  return {
    strict,
    idCountMin,
    deletesCountMax: deletesMax.kind === 'count' ? deletesMax.count : null,
    deletesPercentMax: deletesMax.kind === 'share' ? deletesMax.percent : null,
    protectedCountMin,
    failOnAbsent,
    verifies,
    newerThanMs,
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
    guards: recordedGuards(options),
    shard: options.shard,
    otherShardsCount: 0,
    otherShardsProtectedCount: 0,
    sourceCounts: null,
    note: options.note ?? null,
  };
}
