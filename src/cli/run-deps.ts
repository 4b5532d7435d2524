import type { PurgeDeps } from '../run/deps.ts';
import type { Invocation } from './invocation.ts';
import { listenForSignals } from './signals.ts';
import { openTalk, type Talk } from './talk.ts';

/** What the world gives to a run that asks nobody and shows no bar of its own. */
export function runDeps({ world, stdout, secrets, redact }: Invocation, talk: Talk, stop: AbortSignal): PurgeDeps {
  return {
    clock: world.clock,
    random: world.random,
    observer: talk.observer,
    ask: undefined,
    stop,
    writeReportText: (text) => stdout.write(text),
    redact,
    onSecret: (text) => void secrets.add(text),
    onProgressReady: () => undefined,
  };
}

/** Does the work of a command that asks nobody, with log and display open and signals listened for. */
export async function whileTalking<T>(invocation: Invocation, work: (deps: PurgeDeps, talk: Talk) => Promise<T>): Promise<T> {
  const { world, request, redact } = invocation;
  const talk = await openTalk(world, request.values, redact);
  const stop = listenForSignals(world, talk.reopenLog);
  try {
    return await work(runDeps(invocation, talk, stop), talk);
  } finally {
    talk.close();
  }
}
