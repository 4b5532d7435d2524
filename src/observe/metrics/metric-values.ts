import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import { type MetricName, type MetricOf, METRICS, type MetricDefinition, RETRY_DELAY_BUCKETS_SECONDS } from './metric-list.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The values of the metrics of one run. prom-client starts each metric at 0, and a 0 that nobody has counted would be a lie
 * (`_pending` before the list is read): so each is made when it gets its first value.
 */
export class MetricValues {
  readonly #registry = new Registry();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();

  /** @param shared - labels that every value has */
  constructor(shared: Labels) {
    this.#registry.setDefaultLabels(shared);
  }

  set(name: MetricOf<'gauge'>, value: number, labels: Labels = {}): void {
    madeOnce(this.#gauges, name, () => new Gauge(this.#settings(name))).set(labels, value);
  }

  /** Takes all values of a gauge with labels away. */
  clear(name: MetricOf<'gauge'>): void {
    this.#gauges.get(name)?.reset();
  }

  /** A value that no counter takes is passed over: prom-client would throw, and a count must not end a run. */
  add(name: MetricOf<'counter'>, value: number, labels: Labels = {}): void {
    if (!Number.isFinite(value) || value < 0) return;
    this.#counter(name).inc(labels, value);
  }

  /** For a counter that is counted elsewhere. */
  count(name: MetricOf<'counter'>, total: number): void {
    const counter = this.#counter(name);
    counter.reset();
    counter.inc(total);
  }

  observe(name: MetricOf<'histogram'>, value: number): void {
    const made = (): Histogram => new Histogram({ ...this.#settings(name), buckets: [...RETRY_DELAY_BUCKETS_SECONDS] });
    madeOnce(this.#histograms, name, made).observe(value);
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #counter(name: MetricOf<'counter'>): Counter {
    return madeOnce(this.#counters, name, () => new Counter(this.#settings(name)));
  }

  #settings(name: MetricName): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
    const { help, labels = [] }: MetricDefinition = METRICS[name];
    return { name, help, labelNames: [...labels], registers: [this.#registry] };
  }
}

function madeOnce<T>(made: Map<MetricName, T>, name: MetricName, make: () => T): T {
  const found = made.get(name) ?? make();
  made.set(name, found);
  return found;
}
