import { EXIT } from '../domain/errors.ts';
import { SHUTDOWN_MS_MAX } from '../run/stop-times.ts';
import type { StopRequest } from '../run/deps.ts';
import type { SignalName, World } from './world.ts';

const EXIT_CODES: Readonly<Record<SignalName, 129 | 130 | 143>> = { SIGHUP: EXIT.sighup, SIGINT: EXIT.sigint, SIGTERM: EXIT.sigterm };

/**
 * The first signal asks the run to stop, the second ends the process at once, and so does a shutdown that hangs.
 *
 * @param reopenLog - what SIGHUP does where there is a log file; `undefined`: it stops the run like the others
 * @returns what aborts with a {@link StopRequest}
 */
export function listenForSignals(world: Pick<World, 'onSignal' | 'afterMs' | 'exitNow'>, reopenLog: (() => void) | undefined): AbortSignal {
  const controller = new AbortController();
  let isSignalled = false;

  const onSignal = (name: SignalName): void => {
    const exitCode = EXIT_CODES[name];
    if (isSignalled) return world.exitNow(exitCode);
    isSignalled = true;
    world.afterMs(SHUTDOWN_MS_MAX, () => world.exitNow(exitCode));
    controller.abort({ exitCode, name } satisfies StopRequest);
  };

  world.onSignal('SIGINT', () => onSignal('SIGINT'));
  world.onSignal('SIGTERM', () => onSignal('SIGTERM'));
  world.onSignal('SIGHUP', reopenLog ?? (() => onSignal('SIGHUP')));
  return controller.signal;
}
