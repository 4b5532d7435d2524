import type { Logger } from 'pino';

import { renderBar } from './bar.ts';
import type { ProgressSnapshot, SweepProgress } from './events.ts';
import { SizedTerminal } from './sized-terminal.ts';

export interface ProgressOptions {
  readonly kind: 'bar' | 'log' | 'none';
  readonly stderr: NodeJS.WritableStream;
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

function startBar({ stderr, hasColors, snapshot }: ProgressOptions): Progress {
  return startScreen(stderr, (columns) => renderBar(snapshot(), columns, hasColors));
}

/** Lines that are drawn again and again at the end of a terminal. @param render - given the columns that there are */
export function startScreen(stderr: NodeJS.WritableStream, render: (columns: number) => string): Progress {
  let screen: { draw(): void; clear(): void } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function open(): Promise<void> {
    // Loaded only here: it would be a tenth of the time from start to first DELETE of every run without a bar.
    const { createLogUpdate } = await import('log-update');
    if (isStopped) return;
    const terminal = new SizedTerminal(stderr);
    const update = createLogUpdate(terminal, { showCursor: true });
    const draw = (): void => update(render(terminal.columns));
    screen = { draw, clear: () => update.clear() };
    draw();
    // The bar must not keep the process alive.
    timer = setInterval(draw, FRAME_MS).unref();
  }

  void open();
  return {
    above(text) {
      screen?.clear();
      stderr.write(text);
      screen?.draw();
    },
    stop() {
      isStopped = true;
      clearInterval(timer);
      screen?.clear();
      screen = undefined;
    },
  };
}

function startLogLines({ stderr, logger, snapshot }: ProgressOptions): Progress {
  return startLoggedFields(stderr, logger, () => {
    const { done, total, deleted, absent, failed, perSecond, etaMs, sweep } = snapshot();
    const etaSeconds = etaMs === undefined ? undefined : Math.round(etaMs / 1000);
    return { done, total, deleted, absent, failed, perSecond: Math.round(perSecond * 10) / 10, etaSeconds, ...sweepFields(sweep) };
  });
}

function sweepFields(sweep: SweepProgress | undefined): object {
  if (sweep === undefined) return {};
  const { reason, done, total, found } = sweep;
  return { sweep: { reason, done, total, found } };
}

/** A line of the log each 10 s. */
export function startLoggedFields(stderr: NodeJS.WritableStream, logger: Logger, fields: () => object): Progress {
  const timer = setInterval(() => logger.info({ event: 'progress', ...fields() }), LOG_EVERY_MS).unref();
  return { above: (text) => void stderr.write(text), stop: () => clearInterval(timer) };
}
