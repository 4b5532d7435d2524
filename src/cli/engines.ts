import type { CheckOptions, CheckResult } from '../check/run-check.ts';
import type { DeleteOptions, ResumeOptions } from '../run/run-options.ts';
import type { CheckpointStatus } from '../inspect/checkpoint-status.ts';
import type { ListDeps, ListRequest, ListResult } from '../list/list-request.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { PurgeResult } from '../run/purge-result.ts';
import type { BackupCheck, RestoreDeps, RestoreRequest, RestoreResult } from '../restore/restore-request.ts';
import type { ReportRequest } from '../inspect/write-report.ts';
import type { VerifyDeps, VerifyRequest, VerifyResult } from '../verify/verify-request.ts';

/** What the commands start. Each is loaded when it is called: `--help` needs none of it, and starting quickly needs as little as can be. */
export interface Engines {
  runDelete(options: DeleteOptions, deps: PurgeDeps): Promise<PurgeResult>;
  runResume(options: ResumeOptions, deps: PurgeDeps): Promise<PurgeResult>;
  readStatus(checkpointPaths: readonly string[]): Promise<CheckpointStatus>;
  runCheck(options: CheckOptions, deps: PurgeDeps): Promise<CheckResult>;
  runList(request: ListRequest, deps: ListDeps): Promise<ListResult>;
  runVerify(request: VerifyRequest, deps: VerifyDeps): Promise<VerifyResult>;
  runRestore(request: RestoreRequest, deps: RestoreDeps): Promise<RestoreResult>;
  checkBackup(folder: string, deps: PurgeDeps): Promise<BackupCheck>;
  writeReport(request: ReportRequest, writeStdout: (text: string) => Promise<void>): Promise<{ readonly lineCount: number }>;
}

export const realEngines: Engines = {
  async runDelete(options, deps) {
    const { runDelete } = await import('../purge/run-delete.ts');
    return runDelete(options, deps);
  },
  async runResume(options, deps) {
    const { runResume } = await import('../purge/run-resume.ts');
    return runResume(options, deps);
  },
  async runList(request, deps) {
    const { runList } = await import('../list/run-list.ts');
    return runList(request, deps);
  },
  async runVerify(request, deps) {
    const { runVerify } = await import('../verify/run-verify.ts');
    return runVerify(request, deps);
  },
  async readStatus(checkpointPaths) {
    const { readStatus } = await import('../inspect/read-status.ts');
    return readStatus(checkpointPaths);
  },
  async runCheck(options, deps) {
    const { runCheck } = await import('../check/run-check.ts');
    return runCheck(options, deps);
  },
  async runRestore(request, deps) {
    const { runRestore } = await import('../restore/run-restore.ts');
    return runRestore(request, deps);
  },
  async checkBackup(folder, deps) {
    const { checkBackup } = await import('../restore/run-restore.ts');
    return checkBackup(folder, deps);
  },
  async writeReport(request, writeStdout) {
    const { writeReport } = await import('../inspect/write-report.ts');
    return writeReport(request, writeStdout);
  },
};
