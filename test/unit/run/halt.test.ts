import { describe, expect, it } from 'vitest';

import { EXIT, type ExitCode, storageError, usageError, UserError } from '../../../src/domain/errors.ts';
import { createHalt, exitCodeOfEnding, type Halt } from '../../../src/run/halt.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function start(runDurationMsMax = Infinity): { clock: VirtualClock; stop: AbortController; halt: Halt } {
  const clock = new VirtualClock();
  const stop = new AbortController();
  return { clock, stop, halt: createHalt({ clock, stop: stop.signal }, runDurationMsMax) };
}

const REQUEST = { exitCode: 143, name: 'SIGTERM' } as const;

describe('what tells a run to end', () => {
  it('is a stop from outside, at once, also one that was asked for before', () => {
    const { halt, stop } = start();
    expect(halt.signal.aborted).toBe(false);
    stop.abort(REQUEST);
    expect(halt.signal.aborted).toBe(true);
    expect(halt.ending).toEqual({ kind: 'stop-requested', request: REQUEST });
    const { signal, ending } = createHalt({ clock: new VirtualClock(), stop: AbortSignal.abort(REQUEST) }, Infinity);
    expect([signal.aborted, ending]).toEqual([true, { kind: 'stop-requested', request: REQUEST }]);
  });

  it('is the time it may take, and not a moment before', async () => {
    const { clock, halt } = start(5_000);
    await clock.advance(4_999);
    expect(halt.ending).toBeUndefined();
    await clock.advance(1);
    expect(halt.ending).toEqual({ kind: 'limit', option: '--max-duration' });
  });

  it('is its time without that in which a person was asked', async () => {
    const { clock, halt } = start(5_000);
    await clock.advance(4_000);
    halt.pauseTime();
    await clock.advance(60_000);
    halt.resumeTime();
    await clock.advance(999);
    expect(halt.ending).toBeUndefined();
    await clock.advance(1);
    expect(halt.ending).toEqual({ kind: 'limit', option: '--max-duration' });
  });

  it('is what comes first, until something comes that weighs more; the other errors are told', async () => {
    const { clock, halt, stop } = start(5_000);
    const error = usageError('NO', 'no');
    halt.fail(error);
    await clock.advance(5_000);
    expect(halt.ending).toEqual({ kind: 'error', error, endedBy: 'usage' });
    expect(halt.otherErrors).toEqual([]);
    halt.fail(usageError('NO', 'again'));
    stop.abort(REQUEST);
    halt.fail(storageError('FULL', 'full', []));
    expect(halt.ending).toEqual({ kind: 'stop-requested', request: REQUEST });
    expect(halt.otherErrors.map(({ code, message }) => [code, message])).toEqual([
      ['NO', 'again'],
      ['FULL', 'full'],
    ]);
  });

  const endings: readonly (readonly [exitCode: ExitCode, end: (halt: Halt) => void])[] = [
    [143, (halt) => halt.end({ kind: 'stop-requested', request: REQUEST })],
    ...([EXIT.storage, EXIT.refused, EXIT.gaveUp, EXIT.guard] as const).map(
      (exitCode) => [exitCode, (halt: Halt) => halt.fail(new UserError({ code: 'X', exitCode, message: '', nextSteps: [] }))] as const,
    ),
    [8, (halt) => halt.end({ kind: 'limit', option: '--max-failures' })],
  ];
  const pairs = endings.flatMap((first, index) => endings.slice(index + 1).map((second) => [first, second] as const));

  it.each(pairs.map(([first, second]) => [first[0], second[0], first[1], second[1]] as const))(
    'is exit %i rather than %i, whichever comes first',
    (exitCode, _, endHeavier, endLighter) => {
      for (const order of [
        [endHeavier, endLighter],
        [endLighter, endHeavier],
      ]) {
        const { halt } = start();
        for (const end of order) end(halt);
        expect(halt.ending === undefined ? undefined : exitCodeOfEnding(halt.ending)).toBe(exitCode);
      }
    },
  );

  it('gives what is under way 7 s from then on', async () => {
    const { clock, halt, stop } = start();
    await clock.advance(60_000);
    stop.abort(REQUEST);
    await clock.advance(6_999);
    expect(halt.overdue.aborted).toBe(false);
    await clock.advance(1);
    expect(halt.overdue.aborted).toBe(true);
  });

  it('ends nothing any more once the run is over, and nobody sleeps on', async () => {
    const { clock, halt, stop } = start(5_000);
    halt.release();
    stop.abort(REQUEST);
    await clock.advance(60_000);
    expect([halt.ending, halt.signal.aborted, clock.sleeperCount]).toEqual([undefined, false, 0]);
    const ended = start();
    ended.stop.abort(REQUEST);
    ended.halt.release();
    await ended.clock.advance(60_000);
    expect([ended.halt.overdue.aborted, ended.clock.sleeperCount]).toEqual([false, 0]);
  });
});
