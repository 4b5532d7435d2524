import { basename } from 'node:path';

import type { ExitCode } from '../../domain/errors.ts';
import type { Observer, ProgressSnapshot, PurgeEvent } from '../events.ts';
import { NO_FORMER_METRICS } from './former-metrics.ts';
import { MetricsFile, readMetricsFile } from './metrics-file.ts';
import { startMetricsServer } from './metrics-server.ts';
import { RunMetrics, type RunMetricsOptions } from './run-metrics.ts';

const WRITE_EVERY_MS = 10_000;

export interface MetricsOptions extends Omit<RunMetricsOptions, 'former' | 'purge'> {
  /** `path`: links followed, `undefined` where it leads to a device. `called`: as the person has named it. */
  readonly file: { readonly path: string | undefined; readonly called: string } | undefined;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  /** Is told where metrics are served, and once that a file cannot be written. */
  readonly observer: Observer;
}

/** The metrics of a run, on their way to those who collect them. */
export interface Metrics extends Observer {
  watch(snapshot: () => ProgressSnapshot): void;
  /** Tells how the run ended. */
  ended(exitCode: ExitCode): Promise<void>;
  close(): void;
}

/**
 * Begins to keep, write and serve metrics. What the options get wrong is thrown: a file that is another's, an address that cannot
 * be listened on. Nothing that happens later disturbs the run.
 */
export async function openMetrics(options: MetricsOptions): Promise<Metrics> {
  const { file, listen, observer } = options;
  const former = file === undefined ? NO_FORMER_METRICS : readMetricsFile(file.path, file.called);
  const metrics = new RunMetrics({ ...options, former, purge: file === undefined ? undefined : basename(file.called, '.prom') });
  const server =
    listen === undefined
      ? undefined
      : await startMetricsServer({ ...listen, text: () => metrics.text(), contentType: metrics.contentType });
  const tell = (event: PurgeEvent): void => {
    metrics.event(event);
    observer.event(event);
  };
  if (server !== undefined) tell({ kind: 'metrics.listening', address: server.address });
  const writer = file?.path === undefined ? undefined : new FileWriter(file.path, file.called, metrics, tell);
  await writer?.write();
  return {
    event: (event) => metrics.event(event),
    watch: (snapshot) => metrics.watch(snapshot),
    async ended(exitCode) {
      metrics.ended(exitCode);
      await writer?.end();
    },
    close() {
      writer?.stop();
      server?.close();
    },
  };
}

/** Writes the file now and then; one write at a time, and none that keeps the process alive while it waits for its turn. */
class FileWriter {
  readonly #file: MetricsFile;
  readonly #called: string;
  readonly #metrics: RunMetrics;
  readonly #tell: Observer['event'];
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | undefined;
  #hasWarned = false;

  constructor(path: string, called: string, metrics: RunMetrics, tell: Observer['event']) {
    this.#file = new MetricsFile(path);
    this.#called = called;
    this.#metrics = metrics;
    this.#tell = tell;
    this.#timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  /** Nothing new is begun while a slow disk still has the last one. */
  write(): Promise<void> {
    this.#writing ??= this.#writeNow().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  /** Writes the last numbers, after whatever is being written. */
  async end(): Promise<void> {
    this.stop();
    await this.#writing;
    await this.write();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #writeNow(): Promise<void> {
    try {
      await this.#file.write(await this.#metrics.text());
    } catch (error) {
      // Tried again each time: a full disk gets room again.
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      const cause = error instanceof Error ? error.message : String(error);
      const message = `the metrics file ${this.#called} cannot be written (${cause}); the run goes on without it`;
      this.#tell({ kind: 'warning', code: 'METRICS_FILE', message });
    }
  }
}
