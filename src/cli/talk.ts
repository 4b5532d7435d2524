import type { Redact } from '../text/redact.ts';
import type { Observer, ProgressSnapshot } from '../observe/events.ts';
import { createLogObserver } from '../observe/log-observer.ts';
import { type Progress, startLoggedFields, startProgress, startScreen } from '../observe/progress.ts';
import type { OptionValues } from '../options/option-table.ts';
import { hasColors } from './texts/style.ts';
import type { World } from './world.ts';

/** How a run is heard of while it runs: its log, and its progress. */
export interface Talk {
  readonly observer: Observer;
  startProgress(snapshot: () => ProgressSnapshot): void;
  /** Shows what a command tells of itself in the place of the bar; in the log only where `--progress log` asks for it. */
  startLines(render: (columns: number) => string, fields: () => object): void;
  /** Takes the bar off the screen; nothing happens where there is none. */
  stopProgress(): void;
  /** Shows progress again after {@link stopProgress}. */
  resumeProgress(): void;
  /** `undefined` where the log is not a file. */
  readonly reopenLog: (() => void) | undefined;
  close(): void;
}

/** How progress is shown: a bar on a terminal that can move its cursor, a log line now and then elsewhere. */
export function progressKind({ isStderrTerminal, env }: World, { progress }: OptionValues): Exclude<OptionValues['progress'], 'auto'> {
  if (progress !== 'auto') return progress;
  return isStderrTerminal && env['TERM'] !== 'dumb' ? 'bar' : 'log';
}

/** Opens log and progress as the options say: a bar and sentences on a terminal, JSON lines elsewhere. */
export async function openTalk(world: World, values: OptionValues, redact: Redact): Promise<Talk> {
  const { stderr, isStderrTerminal, env, clock } = world;
  const isColored = hasColors(isStderrTerminal, env);
  let progress: Progress | undefined;
  let shown: (() => ProgressSnapshot) | undefined;
  // Loaded when it is needed: `--help` starts in a fifth less time.
  const { openLog } = await import('../observe/log.ts');
  const log = openLog({
    level: values.logLevel,
    filePath: values.logFile,
    writeStderr: (text) => (progress === undefined ? void stderr.write(text) : progress.above(text)),
    isTerminal: isStderrTerminal,
    hasColors: isColored,
    redact,
  });
  const kind = progressKind(world, values);
  const stopProgress = (): void => {
    progress?.stop();
    progress = undefined;
  };
  const resumeProgress = (): void => {
    if (shown !== undefined) progress ??= startProgress({ kind, stderr, hasColors: isColored, logger: log.logger, snapshot: shown });
  };
  return {
    observer: createLogObserver(log.logger, () => clock.monotonicMs()),
    startProgress(snapshot) {
      shown = snapshot;
      resumeProgress();
    },
    startLines(render, fields) {
      if (kind === 'bar') progress ??= startScreen(stderr, render);
      else if (values.progress === 'log') progress ??= startLoggedFields(stderr, log.logger, fields);
    },
    stopProgress,
    resumeProgress,
    reopenLog: log.reopen,
    close() {
      stopProgress();
      log.close();
    },
  };
}
