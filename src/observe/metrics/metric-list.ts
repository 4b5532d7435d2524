/** One metric: what Prometheus is told of it. docs/metrics.md and the check of what lies in `deploy/` follow from it. */
export interface MetricDefinition {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  /** Each has few values, whatever is purged: never an ID, a path or a text from outside. */
  readonly labels?: readonly string[];
}

/** Every metric there is, in the order of docs/metrics.md. Their names are what dashboards and alerts rely on. */
export const METRICS = {
  images_purge_build_info: { type: 'gauge', help: 'Always 1; the label is the version of images-purge', labels: ['version'] },
  images_purge_running: { type: 'gauge', help: '1 while the run works, 0 once it has ended; a killed run leaves 1 in its file' },
  images_purge_start_timestamp_seconds: { type: 'gauge', help: 'When the run began' },
  images_purge_updated_timestamp_seconds: { type: 'gauge', help: 'When these numbers were taken' },
  images_purge_last_end_timestamp_seconds: { type: 'gauge', help: 'When the last run ended; rehearsals do not count' },
  images_purge_last_exit_code: { type: 'gauge', help: 'Exit code of the last run that ended; rehearsals do not count' },
  images_purge_last_success_timestamp_seconds: { type: 'gauge', help: 'When a run last ended with exit code 0; rehearsals do not count' },
  images_purge_phase: {
    type: 'gauge',
    help: '1 for what the run does now: reading, deleting, stopping or finishing',
    labels: ['phase'],
  },
  images_purge_intake_complete: { type: 'gauge', help: '1 once the list has been read to its end' },
  images_purge_accepted: { type: 'gauge', help: 'Accepted IDs of the whole purge; grows while the list is read' },
  images_purge_outcomes: {
    type: 'gauge',
    help: 'IDs of the whole purge that are deleted, absent or failed',
    labels: ['outcome'],
  },
  images_purge_pending: { type: 'gauge', help: 'Accepted IDs of the whole purge without an outcome' },
  images_purge_in_flight: { type: 'gauge', help: 'Requests that wait for their answer now' },
  images_purge_answers_per_second: { type: 'gauge', help: 'IDs of this run that got their outcome, a second, over the last few seconds' },
  images_purge_requests_total: { type: 'counter', help: 'Requests of this run, those for stats and tokens too' },
  images_purge_retries_total: { type: 'counter', help: 'Requests of this run that were sent again' },
  images_purge_throttled_total: { type: 'counter', help: 'Requests of this run that the API throttled' },
  images_purge_failures_total: {
    type: 'counter',
    help: 'IDs that failed in this run, by the class of the last answer: 2xx, 4xx, 5xx, other, or none',
    labels: ['status'],
  },
  images_purge_lane_rate_per_second: { type: 'gauge', help: 'What a lane sends at most; +Inf without a limit', labels: ['lane'] },
  images_purge_lane_state: {
    type: 'gauge',
    help: '1 for each state a lane is in: sending, throttled, yielding, outage, token, refusal or closed',
    labels: ['lane', 'state'],
  },
  images_purge_lane_wait_seconds: {
    type: 'gauge',
    help: 'How much longer a lane waits, throttled or for its quota',
    labels: ['lane'],
  },
  images_purge_lane_throttles_total: { type: 'counter', help: 'How often the API told a lane to wait', labels: ['lane'] },
  images_purge_lane_throttle_wait_seconds_total: { type: 'counter', help: 'The waits that a lane was told, summed up', labels: ['lane'] },
  images_purge_outage: { type: 'gauge', help: 'Hosts or lanes that do not answer now' },
  images_purge_outage_seconds_total: { type: 'counter', help: 'How long outages of this run lasted that have ended' },
  images_purge_retry_delay_seconds: { type: 'histogram', help: 'How long IDs waited before they were tried again' },
  images_purge_warnings_total: { type: 'counter', help: 'Warnings of this run, by their code', labels: ['code'] },
  images_purge_events_total: { type: 'counter', help: 'Events of this run, by their name in docs/logs.md', labels: ['event'] },
} as const;

export type MetricName = keyof typeof METRICS;

/** The names of the metrics of one type. */
export type MetricOf<T extends MetricDefinition['type']> = {
  [K in MetricName]: (typeof METRICS)[K]['type'] extends T ? K : never;
}[MetricName];

/** Upper ends: from a first retry to a long `Retry-After`. */
export const RETRY_DELAY_BUCKETS_SECONDS: readonly number[] = [0.1, 0.5, 1, 2, 5, 15, 60, 300, 1800];
