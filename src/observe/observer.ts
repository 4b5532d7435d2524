import type { Logger } from 'pino';

import type { Observer, PurgeEvent } from './events.ts';

type Level = 'debug' | 'info' | 'warn';

const LEVELS: Readonly<Record<PurgeEvent['kind'], Level>> = {
  'run.started': 'info',
  'intake.started': 'info',
  'intake.finished': 'info',
  'lane.throttled': 'warn',
  'outage.started': 'warn',
  'outage.probed': 'info',
  'outage.ended': 'info',
  'item.failed': 'warn',
  'item.retried': 'debug',
  stopping: 'info',
  warning: 'warn',
  'run.finished': 'info',
};

/** Failures logged one by one in a second; a list full of them must not drown the log, and the report has them all. */
const ITEM_EVENTS_PER_SECOND = 10;

/** Tells a run's events to the log, one record each, floods of failing IDs counted. */
export function createObserver(logger: Logger, nowMs: () => number): Observer {
  let spanStartMs = -Infinity;
  let inSpan = 0;
  let passedOver = 0;

  function isTooMany(): boolean {
    if (nowMs() - spanStartMs >= 1_000) {
      if (passedOver > 0) logger.warn({ event: 'item.more', count: passedOver });
      spanStartMs = nowMs();
      inSpan = 0;
      passedOver = 0;
    }
    return ++inSpan > ITEM_EVENTS_PER_SECOND;
  }

  return {
    event(event) {
      const { kind, ...fields } = event;
      if (kind === 'item.failed' && isTooMany()) {
        passedOver++;
        return;
      }
      if (kind === 'run.finished' && passedOver > 0) logger.warn({ event: 'item.more', count: passedOver });
      logger[LEVELS[kind]]({ event: kind, ...withTimes(fields) });
    },
  };
}

/** Times of day leave as ISO text, under names without the unit. */
function withTimes(fields: Record<string, unknown>): Record<string, unknown> {
  const { untilWallMs, ...rest } = fields;
  return typeof untilWallMs === 'number' ? { ...rest, until: new Date(untilWallMs).toISOString() } : rest;
}
