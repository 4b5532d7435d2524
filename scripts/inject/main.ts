/**
 * Makes the N-th call of each kind fail, for every N, as SQLite's own tests do, and looks each time whether anything was
 * lost. `npm run inject` tries all; `npm run inject -- --call fsync --scenario fresh --every 5` tries a part.
 *
 * The report and the checkpoint are written by pwrite64, the log by write. Nothing is synced by fdatasync at present; it is
 * tried because a new version of Node or SQLite may use it.
 *
 * @module
 */
import { parseArgs } from 'node:util';

import { runTrial, SCENARIOS, type Scenario, type Trial } from '../../test/support/machine/io-trial.ts';
import { CAN_INJECT, type SystemCall } from '../../test/support/machine/strace.ts';

const CALLS: readonly SystemCall[] = ['write', 'pwrite64', 'fsync', 'fdatasync', 'openat', 'ftruncate', 'rename'];
const ERRORS = ['EIO', 'ENOSPC'] as const;

const { values } = parseArgs({
  options: {
    call: { type: 'string', multiple: true, default: [...CALLS] },
    error: { type: 'string', multiple: true, default: [...ERRORS] },
    scenario: { type: 'string', multiple: true, default: [...SCENARIOS] },
    from: { type: 'string', default: '1' },
    every: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});

if (!CAN_INJECT) {
  console.error('strace cannot trace here. Debian: apt-get install strace; in a container: --cap-add SYS_PTRACE');
  process.exitCode = 2;
} else {
  const counts = { trials: 0, stopped: 0, failed: 0 };
  const kinds = (values.scenario as Scenario[]).flatMap((scenario) =>
    (values.call as SystemCall[]).flatMap((call) => (values.error as Trial['error'][]).map((error) => ({ scenario, call, error }))),
  );
  const work = async (): Promise<void> => {
    for (let kind = kinds.shift(); kind !== undefined; kind = kinds.shift()) await tryAll(kind, counts);
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  const { trials, stopped, failed } = counts;
  console.log(
    `${trials} trials: ${stopped} ended with exit 5, ${trials - stopped - failed} went on to the end, ` +
      `${failed} lost something or said something wrong`,
  );
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

async function tryAll(kind: Omit<Trial, 'when'>, counts: { trials: number; stopped: number; failed: number }): Promise<void> {
  let when = Number(values.from);
  for (; ; when += Number(values.every)) {
    const { wasInjected, exitCode, complaints } = await runTrial({ ...kind, when });
    if (!wasInjected && complaints.length === 0) break;
    counts.trials++;
    if (complaints.length > 0) {
      counts.failed++;
      console.log(`FAILED ${kind.scenario}: ${kind.call} ${kind.error}, N = ${when}\n${complaints.slice(0, 5).join('\n')}`);
    } else if (exitCode === 5) counts.stopped++;
  }
  console.log(`${kind.scenario}: ${kind.call} ${kind.error}, N up to ${when - Number(values.every)}`);
}
