import { describe, expect, it } from 'vitest';

import { CLI_PATH } from '../support/cli/cli.ts';
import { runTrial, type Trial } from '../support/machine/io-trial.ts';
import { contradictions } from '../support/purge/oracle.ts';
import { makeIds, withPurge } from '../support/purge/purge.ts';
import { CAN_INJECT, runInjected } from '../support/machine/strace.ts';

/** One of each kind at a place of its own; `npm run inject` tries every N of every kind in every scenario. */
const SAMPLE: readonly Trial[] = [
  // Closing a checkpoint that is finished: no failure, or the same command would begin again.
  { scenario: 'fresh', call: 'ftruncate', error: 'EIO', when: 3 },
  { scenario: 'going-on', call: 'ftruncate', error: 'EIO', when: 4 },
  // The last fsync of the report.
  { scenario: 'fresh', call: 'fsync', error: 'EIO', when: 26 },
  { scenario: 'fresh', call: 'fsync', error: 'EIO', when: 2 },
  { scenario: 'going-on', call: 'fsync', error: 'EIO', when: 5 },
  { scenario: 'fresh', call: 'rename', error: 'EIO', when: 1 },
  { scenario: 'fresh', call: 'rename', error: 'ENOSPC', when: 2 },
  { scenario: 'after-a-finished-purge', call: 'rename', error: 'EIO', when: 1 },
  { scenario: 'after-a-finished-purge', call: 'rename', error: 'EIO', when: 2 },
  { scenario: 'after-a-finished-purge', call: 'openat', error: 'EIO', when: 9 },
  { scenario: 'fresh', call: 'openat', error: 'EIO', when: 5 },
  { scenario: 'after-a-kill', call: 'openat', error: 'EIO', when: 7 },
  { scenario: 'fresh', call: 'pwrite64', error: 'ENOSPC', when: 20 },
  { scenario: 'fresh', call: 'pwrite64', error: 'EIO', when: 60 },
  { scenario: 'going-on', call: 'pwrite64', error: 'ENOSPC', when: 12 },
  { scenario: 'after-a-kill', call: 'pwrite64', error: 'EIO', when: 15 },
  // The log's.
  { scenario: 'fresh', call: 'write', error: 'ENOSPC', when: 1 },
  { scenario: 'going-on', call: 'write', error: 'EIO', when: 2 },
];

describe.skipIf(!CAN_INJECT)('a call of the file system that fails', () => {
  it.each(SAMPLE)('$scenario: call $when of $call with $error ends in 5 or not at all, and loses nothing', async (trial) => {
    const { wasInjected, complaints } = await runTrial(trial);
    expect(complaints).toEqual([]);
    expect(wasInjected).toBe(true);
  });

  it('a source that stops being readable half-way: exit 5 naming it, nothing sent; readable again, the same command finishes', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(1_500);
      // More than four reads: one of libuv's four threads makes its second.
      bench.write('ids.csv', `id,note\n${ids.map((id) => `${id},${'x'.repeat(1_000)}`).join('\n')}\n`);
      const args = bench.deleteArgs(bench.path('ids.csv'), '--min-ids', '1', '--json');
      const broken = await runInjected(
        [CLI_PATH, ...args],
        { call: 'read', error: 'EIO', when: 2, paths: [bench.path('ids.csv')] },
        bench.path('trace'),
        { cwd: bench.folder },
      );
      expect(broken.injected).not.toEqual([]);
      expect(broken.exitCode).toBe(5);
      expect(broken.stderr).toMatch(/the source .*ids\.csv cannot be read \(EIO.*\n {7}\S/);
      expect(bench.deleteCount).toBe(0);
      expect((await bench.run(args)).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: ids })).toEqual([]);
    }));
});
