import type { PurgeDeps } from '../run/deps.ts';
import type { Invocation } from './invocation.ts';
import type { Talk } from './talk.ts';

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
