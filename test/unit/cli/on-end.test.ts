import { describe, expect, it } from 'vitest';

import type { Invocation } from '../../../src/cli/invocation.ts';
import { prepareOnEnd } from '../../../src/cli/on-end.ts';
import { noSummary } from '../../../src/cli/print-json.ts';
import type { ShellCommand } from '../../../src/cli/shell-command.ts';
import { runEnd } from '../../../src/domain/summary.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** A command that never ends by itself. */
class HangingCommand {
  readonly clock: VirtualClock = new VirtualClock();
  readonly stop: AbortController = new AbortController();
  readonly said: string[] = [];
  endedAtMs: number | undefined;

  start(): void {
    const { clock } = this;
    const invocation = {
      world: {
        clock,
        afterMs: (ms: number, action: () => void) => void clock.sleep(ms).then(action),
        runShell: ({ overdue }: ShellCommand) =>
          new Promise((resolve) => overdue.addEventListener('abort', () => resolve({ kind: 'overdue' }))),
      },
      request: { values: { onEnd: 'sleep 1000' }, env: {}, cwd: '/' },
      redact: (text: string) => text,
      say: (text: string) => void this.said.push(text),
      style: { warning: (text: string) => text },
    } as Partial<Record<keyof Invocation, unknown>> as Invocation;
    this.#onEnd = prepareOnEnd(invocation, this.stop.signal);
  }

  end(): void {
    void this.#onEnd?.(noSummary(runEnd(0, 'finished', undefined)), 'x').then(() => (this.endedAtMs = this.clock.monotonicMs()));
  }

  #onEnd: ReturnType<typeof prepareOnEnd> | undefined;
}

describe('a command of --on-end that hangs', () => {
  it('has a minute', async () => {
    const hanging = new HangingCommand();
    hanging.start();
    hanging.end();
    await hanging.clock.advance(59_000);
    expect(hanging.endedAtMs).toBeUndefined();
    await hanging.clock.advance(1_000);
    expect(hanging.endedAtMs).toBe(60_000);
    expect(hanging.said.join('')).toContain('took too long and was killed');
  });

  it('has what is left of 9 s where a signal has ended the run', async () => {
    const hanging = new HangingCommand();
    hanging.start();
    hanging.stop.abort();
    await hanging.clock.advance(7_000);
    hanging.end();
    await hanging.clock.advance(2_000);
    expect(hanging.endedAtMs).toBe(8_500);
  });

  it('has as much from a signal on that comes while it runs', async () => {
    const hanging = new HangingCommand();
    hanging.start();
    hanging.end();
    await hanging.clock.advance(20_000);
    hanging.stop.abort();
    await hanging.clock.advance(9_000);
    expect(hanging.endedAtMs).toBe(28_500);
  });
});
