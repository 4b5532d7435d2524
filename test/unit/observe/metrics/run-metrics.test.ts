import { describe, expect, it } from 'vitest';

import type { LaneProgress, ProgressSnapshot } from '../../../../src/observe/events.ts';
import { NO_FORMER_METRICS } from '../../../../src/observe/metrics/former-metrics.ts';
import { RunMetrics, type RunMetricsOptions } from '../../../../src/observe/metrics/run-metrics.ts';
import { DOCUMENTED_EVENTS } from '../../../../scripts/documented-events.ts';

const NOW_SECONDS = 1_795_000_000;
const LANE: LaneProgress = {
  name: 'account',
  ratePerSecond: Infinity,
  pausedForMs: 0,
  throttledBy: 'none',
  yieldingForMs: 0,
  held: [],
  isClosed: false,
};
const SNAPSHOT: ProgressSnapshot = {
  phase: 'deleting',
  isIntakeComplete: true,
  rows: 100,
  total: 100,
  done: 30,
  deleted: 20,
  absent: 9,
  failed: 1,
  inFlight: 4,
  requests: 40,
  retries: 3,
  throttled: 2,
  perSecond: 12.5,
  etaMs: undefined,
  sweep: undefined,
  lanes: [LANE],
};

function runMetrics(options: Partial<RunMetricsOptions> = {}): RunMetrics {
  return new RunMetrics({
    wallMs: () => NOW_SECONDS * 1000,
    former: NO_FORMER_METRICS,
    purge: undefined,
    isRehearsal: false,
    ...options,
  });
}

/** The values by their name with labels. */
async function valuesOf(metrics: RunMetrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')).replace('+Inf', 'Infinity'))]),
  );
}

describe('the metrics of a run', () => {
  it('say nothing of a purge before it is known: no 0 that nobody has counted', async () => {
    const values = await valuesOf(runMetrics());
    expect(values).toMatchObject({ images_purge_running: 1, images_purge_start_timestamp_seconds: NOW_SECONDS, images_purge_outage: 0 });
    expect(Object.keys(values).filter((name) => /_pending|_accepted|_outcomes|_last_|_requests/.test(name))).toEqual([]);
  });

  it('say where it stands when they are asked for, and what each lane waits for', async () => {
    const metrics = runMetrics();
    metrics.watch(() => ({
      ...SNAPSHOT,
      lanes: [LANE, { ...LANE, name: 2, ratePerSecond: 200, pausedForMs: 1500, held: ['token'] }, { ...LANE, name: 3, isClosed: true }],
    }));
    expect(await valuesOf(metrics)).toMatchObject({
      'images_purge_phase{phase="deleting"}': 1,
      'images_purge_phase{phase="reading"}': 0,
      images_purge_accepted: 100,
      images_purge_pending: 70,
      'images_purge_outcomes{outcome="absent"}': 9,
      images_purge_requests_total: 40,
      images_purge_answers_per_second: 12.5,
      'images_purge_lane_rate_per_second{lane="account"}': Infinity,
      'images_purge_lane_state{lane="account",state="sending"}': 1,
      'images_purge_lane_state{lane="2",state="throttled"}': 1,
      'images_purge_lane_state{lane="2",state="token"}': 1,
      'images_purge_lane_state{lane="2",state="sending"}': 0,
      'images_purge_lane_state{lane="3",state="closed"}': 1,
      'images_purge_lane_wait_seconds{lane="2"}': 1.5,
      'images_purge_lane_throttles_total{lane="3"}': 0,
    });
  });

  it('count what happens, by few labels whatever comes from outside', async () => {
    const metrics = runMetrics();
    for (const { example } of Object.values(DOCUMENTED_EVENTS)) if (example.kind !== 'outage.ended') metrics.event(example);
    const { example } = DOCUMENTED_EVENTS['item.failed'];
    for (const httpStatus of [404, 503, 999, -1, Number.NaN, undefined]) metrics.event({ ...example, httpStatus });
    metrics.event({ ...DOCUMENTED_EVENTS['lane.throttled'].example, lane: 3, waitMs: Number.NaN });
    const values = await valuesOf(metrics);
    expect(values).toMatchObject({
      'images_purge_failures_total{status="none"}': 1,
      'images_purge_failures_total{status="4xx"}': 2,
      'images_purge_failures_total{status="5xx"}': 1,
      'images_purge_failures_total{status="other"}': 3,
      'images_purge_lane_throttle_wait_seconds_total{lane="account"}': 18,
      'images_purge_warnings_total{code="MANY_ABSENT"}': 1,
      'images_purge_events_total{event="outage.probed"}': 1,
      images_purge_outage: 1,
      images_purge_retry_delay_seconds_sum: 0.48,
    });
    expect(await metrics.text()).not.toContain('hero.jpg');
    metrics.event(DOCUMENTED_EVENTS['outage.ended'].example);
    expect(await valuesOf(metrics)).toMatchObject({ images_purge_outage: 0, images_purge_outage_seconds_total: 61 });
  });

  it('tell at the end what is on record, and no longer what lanes do', async () => {
    const metrics = runMetrics();
    metrics.watch(() => SNAPSHOT);
    await metrics.text();
    metrics.event(DOCUMENTED_EVENTS['run.finished'].example);
    metrics.ended(0);
    const values = await valuesOf(metrics);
    expect(values).toMatchObject({
      images_purge_running: 0,
      images_purge_pending: 0,
      'images_purge_outcomes{outcome="deleted"}': 99_990,
      'images_purge_phase{phase="deleting"}': 0,
      images_purge_requests_total: 40,
      images_purge_last_exit_code: 0,
      images_purge_last_success_timestamp_seconds: NOW_SECONDS,
    });
    expect(Object.keys(values).filter((name) => /lane_(?:state|rate|wait)/.test(name))).toEqual([]);
  });

  it('keep the last success where a run fails, and all three where it is a rehearsal', async () => {
    const former = { lastEndSeconds: 7, lastExitCode: 3, lastSuccessSeconds: 5 };
    const failed = runMetrics({ former });
    failed.ended(4);
    expect(await valuesOf(failed)).toMatchObject({
      images_purge_last_end_timestamp_seconds: NOW_SECONDS,
      images_purge_last_exit_code: 4,
      images_purge_last_success_timestamp_seconds: 5,
    });
    const rehearsed = runMetrics({ former, isRehearsal: true });
    rehearsed.ended(0);
    expect(await valuesOf(rehearsed)).toMatchObject({
      images_purge_last_end_timestamp_seconds: 7,
      images_purge_last_exit_code: 3,
      images_purge_last_success_timestamp_seconds: 5,
    });
  });
});
