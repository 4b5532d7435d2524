import { createLogUpdate } from 'log-update';
import type { Logger } from 'pino';

import { renderBar } from './bar.ts';
import type { ProgressSnapshot } from './events.ts';

export interface ProgressOptions {
  readonly kind: 'bar' | 'log' | 'none';
  readonly stderr: NodeJS.WritableStream;
  readonly columns: () => number;
  readonly hasColors: boolean;
  readonly logger: Logger;
  readonly snapshot: () => ProgressSnapshot;
}

export interface Progress {
  /** Writes lines above the bar. */
  above(text: string): void;
  /** Takes the bar off the screen, or ends the log lines. */
  stop(): void;
}

const FRAME_MS = 200;
const LOG_EVERY_MS = 10_000;

export function startProgress(options: ProgressOptions): Progress {
  switch (options.kind) {
    case 'bar':
      return startBar(options);
    case 'log':
      return startLogLines(options);
    case 'none':
      return { above: (text) => void options.stderr.write(text), stop: () => undefined };
  }
}

function startBar({ stderr, columns, hasColors, snapshot }: ProgressOptions): Progress {
  const update = createLogUpdate(stderr, { showCursor: true });
  const draw = (): void => update(renderBar(snapshot(), columns(), hasColors));
  let isStopped = false;
  const timer = setInterval(draw, FRAME_MS);
  // A bar is no reason to stay alive.
  timer.unref();
  return {
    above(text) {
      update.clear();
      stderr.write(text);
      if (!isStopped) draw();
    },
    stop() {
      if (isStopped) return;
      isStopped = true;
      clearInterval(timer);
      update.clear();
    },
  };
}

function startLogLines({ stderr, logger, snapshot }: ProgressOptions): Progress {
  const timer = setInterval(() => {
    const { done, total, deleted, absent, failed, perSecond, etaMs } = snapshot();
    const etaSeconds = etaMs === undefined ? undefined : Math.round(etaMs / 1000);
    logger.info({ event: 'progress', done, total, deleted, absent, failed, perSecond: Math.round(perSecond * 10) / 10, etaSeconds });
  }, LOG_EVERY_MS);
  timer.unref();
  return { above: (text) => void stderr.write(text), stop: () => clearInterval(timer) };
}
