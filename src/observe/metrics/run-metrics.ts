import type { ExitCode } from '../../domain/errors.ts';
import type { Summary } from '../../domain/summary.ts';
import { VERSION } from '../../domain/version.ts';
import type { LaneProgress, Observer, ProgressSnapshot, PurgeEvent } from '../events.ts';
import type { FormerMetrics } from './former-metrics.ts';
import { MetricValues } from './metric-values.ts';

const PHASES: readonly ProgressSnapshot['phase'][] = ['reading', 'deleting', 'stopping', 'finishing'];
const STATUS_CLASSES = ['none', '2xx', '4xx', '5xx', 'other'] as const;
type StatusClass = (typeof STATUS_CLASSES)[number];

/** Each with whether a lane is in it. Several may hold at once. */
const LANE_STATES: Readonly<Record<string, (lane: LaneProgress) => boolean>> = {
  sending: (lane) => !lane.isClosed && lane.held.length === 0 && waitMs(lane) === 0,
  throttled: ({ pausedForMs }) => pausedForMs > 0,
  yielding: ({ yieldingForMs }) => yieldingForMs > 0,
  outage: ({ held }) => held.includes('outage'),
  token: ({ held }) => held.includes('token'),
  refusal: ({ held }) => held.includes('refusal'),
  closed: ({ isClosed }) => isClosed,
};

export interface RunMetricsOptions {
  /** In milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly former: FormerMetrics;
  /** Tells several files of one machine apart, which a collector puts together; `undefined` where there is no file. */
  readonly purge: string | undefined;
  /** Nothing is deleted: how it ends says nothing of the purge. */
  readonly isRehearsal: boolean;
}

/** Keeps the metrics of one run: from its events, and from where it stands when they are asked for. */
export class RunMetrics implements Observer {
  readonly #values: MetricValues;
  readonly #options: RunMetricsOptions;
  readonly #outages = new Set<string>();
  #snapshot: (() => ProgressSnapshot) | undefined;

  constructor(options: RunMetricsOptions) {
    this.#options = options;
    this.#values = new MetricValues(options.purge === undefined ? {} : { purge: options.purge });
    const { lastEndSeconds, lastExitCode, lastSuccessSeconds } = options.former;
    this.#values.set('images_purge_build_info', 1, { version: VERSION });
    this.#values.set('images_purge_running', 1);
    this.#values.set('images_purge_start_timestamp_seconds', this.#nowSeconds());
    if (lastEndSeconds !== undefined) this.#values.set('images_purge_last_end_timestamp_seconds', lastEndSeconds);
    if (lastExitCode !== undefined) this.#values.set('images_purge_last_exit_code', lastExitCode);
    if (lastSuccessSeconds !== undefined) this.#values.set('images_purge_last_success_timestamp_seconds', lastSuccessSeconds);
    this.#values.set('images_purge_outage', 0);
    // From 0 on: what first appears with a value has no increase that Prometheus could see.
    this.#values.add('images_purge_outage_seconds_total', 0);
    for (const status of STATUS_CLASSES) this.#values.add('images_purge_failures_total', 0, { status });
  }

  event(event: PurgeEvent): void {
    this.#values.add('images_purge_events_total', 1, { event: event.kind });
    switch (event.kind) {
      case 'run.started':
        // A new purge has not read its list yet.
        return event.isResumed ? this.#values.set('images_purge_pending', event.pending) : undefined;
      case 'lane.throttled':
        this.#values.add('images_purge_lane_throttles_total', 1, { lane: String(event.lane) });
        return this.#values.add('images_purge_lane_throttle_wait_seconds_total', event.waitMs / 1000, { lane: String(event.lane) });
      case 'outage.started':
        return this.#outage(() => this.#outages.add(String(event.lane)));
      case 'outage.ended':
        this.#values.add('images_purge_outage_seconds_total', event.elapsedMs / 1000);
        return this.#outage(() => this.#outages.delete(String(event.lane)));
      case 'item.failed':
        return this.#values.add('images_purge_failures_total', 1, { status: statusClass(event.httpStatus) });
      case 'item.retried':
        return this.#values.observe('images_purge_retry_delay_seconds', event.delayMs / 1000);
      case 'warning':
        return this.#values.add('images_purge_warnings_total', 1, { code: event.code });
      case 'run.finished':
        return this.#takeSummary(event.summary);
      default:
        // Counted above.
        return undefined;
    }
  }

  /** From now on the run stands where `snapshot` says. */
  watch(snapshot: () => ProgressSnapshot): void {
    this.#snapshot = snapshot;
  }

  ended(exitCode: ExitCode): void {
    this.#look();
    this.#snapshot = undefined;
    this.#values.set('images_purge_running', 0);
    this.#values.set('images_purge_in_flight', 0);
    this.#values.set('images_purge_answers_per_second', 0);
    this.#values.set('images_purge_outage', 0);
    for (const phase of PHASES) this.#values.set('images_purge_phase', 0, { phase });
    this.#values.clear('images_purge_lane_rate_per_second');
    this.#values.clear('images_purge_lane_state');
    this.#values.clear('images_purge_lane_wait_seconds');
    if (this.#options.isRehearsal) return;
    this.#values.set('images_purge_last_end_timestamp_seconds', this.#nowSeconds());
    this.#values.set('images_purge_last_exit_code', exitCode);
    if (exitCode === 0) this.#values.set('images_purge_last_success_timestamp_seconds', this.#nowSeconds());
  }

  /** In Prometheus' text format, as of now. */
  text(): Promise<string> {
    this.#look();
    this.#values.set('images_purge_updated_timestamp_seconds', this.#nowSeconds());
    return this.#values.text();
  }

  get contentType(): string {
    return this.#values.contentType;
  }

  #look(): void {
    const snapshot = this.#snapshot?.();
    if (snapshot === undefined) return;
    const { phase: now, total, done, deleted, absent, failed } = snapshot;
    for (const phase of PHASES) this.#values.set('images_purge_phase', phase === now ? 1 : 0, { phase });
    this.#values.set('images_purge_intake_complete', snapshot.isIntakeComplete ? 1 : 0);
    this.#takeCounts({ accepted: total, deleted, absent, failed, pending: Math.max(0, total - done) });
    this.#values.set('images_purge_in_flight', snapshot.inFlight);
    this.#values.set('images_purge_answers_per_second', snapshot.perSecond);
    this.#values.count('images_purge_requests_total', snapshot.requests);
    this.#values.count('images_purge_retries_total', snapshot.retries);
    this.#values.count('images_purge_throttled_total', snapshot.throttled);
    for (const lane of snapshot.lanes) this.#takeLane(lane);
  }

  #takeLane(state: LaneProgress): void {
    const lane = String(state.name);
    this.#values.set('images_purge_lane_rate_per_second', state.ratePerSecond, { lane });
    this.#values.set('images_purge_lane_wait_seconds', waitMs(state) / 1000, { lane });
    for (const [name, isIn] of Object.entries(LANE_STATES)) {
      this.#values.set('images_purge_lane_state', isIn(state) ? 1 : 0, { lane, state: name });
    }
    this.#values.add('images_purge_lane_throttles_total', 0, { lane });
    this.#values.add('images_purge_lane_throttle_wait_seconds_total', 0, { lane });
  }

  /** What is on record at the end; `--verify` may have made failures of deletions. */
  #takeSummary({ intake, outcomes, pending }: Summary): void {
    this.#look();
    this.#snapshot = undefined;
    this.#values.set('images_purge_intake_complete', intake.complete ? 1 : 0);
    this.#takeCounts({ ...outcomes, accepted: intake.accepted, pending });
  }

  #takeCounts(counts: { accepted: number; deleted: number; absent: number; failed: number; pending: number }): void {
    this.#values.set('images_purge_accepted', counts.accepted);
    this.#values.set('images_purge_pending', counts.pending);
    for (const outcome of ['deleted', 'absent', 'failed'] as const) {
      this.#values.set('images_purge_outcomes', counts[outcome], { outcome });
    }
  }

  #outage(change: () => void): void {
    change();
    this.#values.set('images_purge_outage', this.#outages.size);
  }

  #nowSeconds(): number {
    return this.#options.wallMs() / 1000;
  }
}

function waitMs({ pausedForMs, yieldingForMs }: LaneProgress): number {
  return Math.max(pausedForMs, yieldingForMs);
}

/** Any number may come from outside; a label has few values. */
function statusClass(httpStatus: number | undefined): StatusClass {
  if (httpStatus === undefined) return 'none';
  return STATUS_CLASSES.find((name) => name === `${Math.floor(httpStatus / 100)}xx`) ?? 'other';
}
