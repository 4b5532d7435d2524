import { EXIT } from '../domain/errors.ts';
import type { Env } from '../options/env.ts';
import { SHUTDOWN_MS_MAX } from '../run/stop-times.ts';
import type { StopRequest } from '../run/deps.ts';
import type { SignalName, World } from './world.ts';

const EXIT_CODES: Readonly<Record<SignalName, 129 | 130 | 143>> = { SIGHUP: EXIT.sighup, SIGINT: EXIT.sigint, SIGTERM: EXIT.sigterm };

/** How often a run that npm or npx has started looks whether that is still there. */
const PARENT_LOOK_MS = 500;

/** npm and npx end by a signal without passing it on: the person who stopped them wants the run to stop. */
function isStartedByNpm(env: Env): boolean {
  return ['npm_lifecycle_event', 'npm_command', 'npm_execpath'].some((name) => (env[name] ?? '') !== '');
}

/**
 * The first signal asks the run to stop, the second ends the process at once, and so does a shutdown that hangs.
 *
 * @param reopenLog - what SIGHUP does where there is a log file; `undefined`: it stops the run like the others
 * @returns what aborts with a {@link StopRequest}
 */
export function listenForSignals(
  world: Pick<World, 'env' | 'onSignal' | 'afterMs' | 'everyMs' | 'parents' | 'exitNow'>,
  reopenLog: (() => void) | undefined,
): AbortSignal {
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
  if (isStartedByNpm(world.env)) {
    const parents = world.parents();
    world.everyMs(PARENT_LOOK_MS, () => {
      if (!isSignalled && world.parents() !== parents) onSignal('SIGTERM');
    });
  }
  return controller.signal;
}
