import type { Logger } from 'pino';

import type { Observer, PurgeEvent } from './events.ts';

type Level = 'debug' | 'info' | 'warn';

/** The level at which each event is logged. */
export const LEVELS: Readonly<Record<PurgeEvent['kind'], Level>> = {
  'run.started': 'info',
  'source.waiting': 'info',
  'intake.started': 'info',
  'intake.finished': 'info',
  'lane.throttled': 'warn',
  'lane.policy': 'info',
  'lane.renewed': 'info',
  'lane.closed': 'warn',
  'quota.divided': 'warn',
  'quota.shared': 'info',
  'outage.started': 'warn',
  'outage.probed': 'info',
  'outage.ended': 'info',
  'refusal.doubted': 'warn',
  'refusal.unanswered': 'warn',
  'refusal.passed': 'warn',
  'item.failed': 'warn',
  'item.retried': 'debug',
  'newer.started': 'info',
  'newer.finished': 'info',
  'backup.finished': 'info',
  'verify.started': 'info',
  'verify.finished': 'info',
  'metrics.listening': 'info',
  stopping: 'info',
  warning: 'warn',
  'run.finished': 'info',
};

/** Failures logged one by one in a span. Many failures must not flood the log; the report has them all. */
const FAILURES_PER_SPAN_MAX = 10;
const SPAN_MS = 1_000;

/**
 * Writes a run's events to the log, one record each. Where many IDs fail, the rest are counted.
 *
 * @param nowMs - monotonic
 */
export function createLogObserver(logger: Logger, nowMs: () => number): Observer {
  let spanStartMs = -Infinity;
  let inSpan = 0;
  let passedOver = 0;

  function isTooMany(): boolean {
    if (nowMs() - spanStartMs >= SPAN_MS) {
      tellPassedOver();
      spanStartMs = nowMs();
      inSpan = 0;
    }
    return ++inSpan > FAILURES_PER_SPAN_MAX;
  }

  function tellPassedOver(): void {
    if (passedOver > 0) logger.warn({ event: 'item.more', count: passedOver });
    passedOver = 0;
  }

  return {
    event(event) {
      const { kind, ...fields } = event;
      const level = LEVELS[kind];
      if (kind === 'run.finished' || kind === 'stopping') tellPassedOver();
      // Retries come by the thousand in an outage: those that are not logged must cost nothing.
      if (!logger.isLevelEnabled(level)) return;
      if (kind === 'item.failed' && isTooMany()) {
        passedOver++;
        return;
      }
      logger[level]({ event: kind, ...withTimes(fields) });
    },
  };
}

/** Times of day are logged as ISO text, under names without the unit. */
function withTimes(fields: Record<string, unknown>): Record<string, unknown> {
  const { untilWallMs, ...rest } = fields;
  return typeof untilWallMs === 'number' ? { ...rest, until: new Date(untilWallMs).toISOString() } : rest;
}
