import { describe, expect, it } from 'vitest';

import { type VirtualAnswer, VirtualDeleting, type VirtualRequest } from '../../support/purge/virtual-deleting.ts';

/** The 100th DELETE is refused; what comes after it, for so long, gets this answer. */
function refusedThen(answer: VirtualAnswer, lengthMs: number): (request: VirtualRequest) => VirtualAnswer {
  let deletes = 0;
  let refusedAtMs = Infinity;
  return ({ atMs }) => {
    if (++deletes === 100) refusedAtMs = atMs;
    return deletes < 100 ? 'done' : deletes === 100 ? 403 : atMs < refusedAtMs + lengthMs ? answer : 'done';
  };
}

describe('a refusal that an outage of DELETEs follows', () => {
  it('of most of an hour uses up no attempts of the ID that is asked for again', async () => {
    const answer = refusedThen(503, 3_000_000);
    const run = new VirtualDeleting({ idCount: 300, pace: { concurrency: 1 }, isStatsPermitted: false, answer });
    await run.untilDone();
    expect([run.count('deleted'), run.count('failed')]).toEqual([300, 0]);
    expect(run.events.filter(({ kind }) => kind === 'refusal.passed')).toHaveLength(1);
  });

  it('goes on where the ID alone fails: another one is asked for then', async () => {
    const run = new VirtualDeleting({
      idCount: 300,
      pace: { concurrency: 1 },
      isStatsPermitted: false,
      answer: (request) => (request.id === 'image-100' && request.atMs > 4_000 ? 503 : answer(request)),
    });
    const answer = refusedThen('done', 0);
    await run.untilDone();
    expect([run.count('deleted'), run.count('failed')]).toEqual([299, 1]);
    const passedAtMs = run.requests.find(({ id, atMs }) => id === 'image-101' && atMs > 4_000)?.atMs ?? Infinity;
    expect(passedAtMs).toBeLessThanOrEqual(4_000 + 5_000 + 10_000 + 1_000);
  });

  it('is asked about no earlier than the answers say', async () => {
    const answer = refusedThen({ retryAfter: '120' }, 100_000);
    const run = new VirtualDeleting({ idCount: 300, pace: { concurrency: 1 }, isStatsPermitted: false, answer });
    await run.untilDone();
    expect(run.count('deleted')).toBe(300);
    // 99 answers of 40 ms, the refusal, 5 s, and the answer that asks to wait.
    const toldAtMs = 100 * 40 + 5_000 + 40;
    expect(run.requestsIn(toldAtMs, toldAtMs + 120_000)).toEqual([]);
  });
});
