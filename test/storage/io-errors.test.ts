import { describe, expect, it } from 'vitest';

import { runTrial, type Trial } from '../support/io-trial.ts';
import { CAN_INJECT } from '../support/strace.ts';

/** One of each kind at a place of its own; `npm run inject` tries every N of every kind in every scenario. */
const SAMPLE: readonly Trial[] = [
  // Closing a checkpoint that is finished: no failure, or the same command would begin anew.
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
];

describe.skipIf(!CAN_INJECT)('a call of the file system that fails', () => {
  it.each(SAMPLE)('$scenario: the $when. $call with $error ends in 5 or not at all, and loses nothing', async (trial) => {
    const { wasInjected, complaints } = await runTrial(trial);
    expect(complaints).toEqual([]);
    expect(wasInjected).toBe(true);
  });
});
