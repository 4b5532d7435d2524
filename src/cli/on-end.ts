import { resolve } from 'node:path';

import type { Summary } from '../domain/summary.ts';
import { envNameOf } from '../options/env.ts';
import { SHUTDOWN_MS_MAX } from '../run/stop-times.ts';
import { escapeForTerminal } from '../text/escape.ts';
import type { Invocation } from './invocation.ts';
import { endJson, type NoSummary } from './print-json.ts';
import { environmentWithoutSecrets } from './secrets/known-secrets.ts';
import type { ShellEnd } from './shell-command.ts';

/** @param checkpointPath - `undefined` where there is none, as after a defect */
type OnEnd = (ending: Summary | NoSummary, checkpointPath: string | undefined) => Promise<void>;

const COMMAND_MS_MAX = 60_000;
/** What is left for the last words before the process is ended. */
const LAST_WORDS_MS = 500;

/**
 * Runs the command of `--on-end`, where there is one. How it goes changes nothing about how the run went: a failure is a warning.
 *
 * @param stop - the run is told to stop; from then on there is little time
 */
export function prepareOnEnd(invocation: Invocation, stop: AbortSignal): OnEnd {
  const { world, request, say, style, redact } = invocation;
  const { clock } = world;
  let stopAtMs: number | undefined;
  const overdue = new AbortController();
  const endBy = (untilMs: number): void => world.afterMs(Math.max(untilMs - clock.monotonicMs(), 0), () => overdue.abort());
  const shutdownAtMs = (): number => (stopAtMs ?? Infinity) + SHUTDOWN_MS_MAX - LAST_WORDS_MS;
  let isRunning = false;
  stop.addEventListener('abort', () => {
    stopAtMs = clock.monotonicMs();
    if (isRunning) endBy(shutdownAtMs());
  });

  return async (ending, checkpointPath) => {
    const { onEnd: command } = request.values;
    if (command === undefined) return;
    isRunning = true;
    endBy(Math.min(clock.monotonicMs() + COMMAND_MS_MAX, shutdownAtMs()));
    const told = {
      'exit-code': String(ending.exitCode),
      state: ending.state ?? '',
      checkpoint: checkpointPath === undefined ? '' : resolve(request.cwd, checkpointPath),
    };
    const env = {
      ...environmentWithoutSecrets(request.env),
      // A purge that it begins would run it again.
      [envNameOf('on-end')]: undefined,
      ...Object.fromEntries(Object.entries(told).map(([name, text]) => [envNameOf(name), text])),
    };
    const end = await world.runShell({ command, env, cwd: request.cwd, input: endJson(ending, redact), overdue: overdue.signal });
    const failure = failureOf(end);
    if (failure !== undefined) say(`${style.warning('warning:')} the command of --on-end ${escapeForTerminal(failure)}\n`);
  };
}

function failureOf(end: ShellEnd): string | undefined {
  switch (end.kind) {
    case 'exited':
      return end.exitCode === 0 ? undefined : `ended with exit code ${end.exitCode}`;
    case 'killed':
      return `was ended by ${end.signal}`;
    case 'overdue':
      return 'took too long and was killed: it has 60 s, and after a signal what is left of 9 s';
    case 'failed':
      return `could not be run: ${end.why}`;
  }
}
