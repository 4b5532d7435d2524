import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import type { SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { type CliOptions, type CliResult, type RunningCli, startCli, withFolder } from '../cli/cli.ts';
import { runInProcess } from '../cli/in-process.ts';
import { withSimulator } from '../servers/simulator.ts';

export interface ReportLine {
  readonly id?: string;
  readonly raw?: string;
  readonly outcome: string;
  readonly httpStatus?: number;
  readonly code?: number | string;
  readonly message?: string;
  readonly attempts?: number;
  readonly earlierUnknown?: boolean;
  readonly reason?: string;
  readonly source: string;
  readonly line: number;
}

/** What Node, SQLite and the loader read from the environment of the process itself. */
const READ_BY_PROCESS = /^(?:NODE_|LD_|DEBUG$|TMPDIR$|SQLITE_)/;

/** A folder, a simulated API and the built command between them. */
export class PurgeBench {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly #runsInProcess: boolean;

  /** @param runsInProcess - whether commands that are run to their end need no process of their own */
  constructor(folder: string, simulator: Simulator, runsInProcess: boolean) {
    this.folder = folder;
    this.simulator = simulator;
    this.#runsInProcess = runsInProcess;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  writeIds(name: string, ids: readonly string[]): void {
    this.write(name, `id\n${ids.join('\n')}\n`);
  }

  readBytes(name: string): Uint8Array {
    return readFileSync(this.path(name));
  }

  /** Runs the command with just these arguments. */
  run(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    const { nodeArgs, keepsInputOpen, ...given } = options;
    const isReadByProcess = Object.keys(given.env ?? {}).some((name) => READ_BY_PROCESS.test(name));
    const needsProcess = !this.#runsInProcess || isReadByProcess || nodeArgs !== undefined || keepsInputOpen === true;
    return needsProcess ? this.start(args, options).finished : runInProcess(args, { cwd: this.folder, ...given });
  }

  /** Starts the command with just these arguments. */
  start(args: readonly string[], options: CliOptions = {}): RunningCli {
    return startCli(args, { cwd: this.folder, ...options });
  }

  /** The arguments of `delete SOURCE --yes --rate unlimited` at the simulator, and what else is given. */
  deleteArgs(source: string, ...more: readonly string[]): string[] {
    return ['delete', source, '--yes', '--rate', 'unlimited', '--base-url', this.simulator.url, ...more];
  }

  /** `delete ids.csv --yes --rate unlimited --json` at the simulator, and what else is given. */
  delete(more: readonly string[] = [], options: CliOptions = {}): Promise<CliResult> {
    return this.run(this.#idsArgs(more), options);
  }

  startDelete(more: readonly string[] = [], options: CliOptions = {}): RunningCli {
    return this.start(this.#idsArgs(more), options);
  }

  /** `delete -`, its stdin left open unless a text is given. */
  startPipe(more: readonly string[], input?: string): RunningCli {
    const args = withDefaults(['delete', '-', '--base-url', this.simulator.url, '--yes'], more);
    return this.start(args, { input, keepsInputOpen: input === undefined });
  }

  async untilExists(name: string): Promise<void> {
    while (!existsSync(this.path(name))) await setImmediate();
  }

  /** Resolves when the checkpoint has committed outcomes for all but so many of its accepted IDs. */
  async untilPending(pending: number): Promise<void> {
    for (;;) {
      const status = await this.run(['status', 'ids.csv.checkpoint', '--json']);
      if (status.exitCode === 0 && summaryOf(status).pending === pending) return;
    }
  }

  /** `resume ids.csv.checkpoint --rate unlimited --json`, and what else is given. */
  resume(more: readonly string[] = [], options: CliOptions = {}): Promise<CliResult> {
    return this.run(withDefaults(['resume', 'ids.csv.checkpoint'], more), options);
  }

  startResume(more: readonly string[] = [], options: CliOptions = {}): RunningCli {
    return this.start(withDefaults(['resume', 'ids.csv.checkpoint'], more), options);
  }

  #idsArgs(more: readonly string[]): string[] {
    const baseUrl = more.includes('--base-url') ? [] : ['--base-url', this.simulator.url];
    return withDefaults(['delete', 'ids.csv', ...baseUrl, '--yes'], more);
  }

  report(name = 'ids.csv.checkpoint.report.ndjson'): ReportLine[] {
    const text = this.read(name);
    if (text !== '' && !text.endsWith('\n')) throw new Error('the report ends in half a line');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ReportLine);
  }

  /** Outcome by ID; throws where an ID has more than one line. */
  outcomes(name?: string): Map<string, string> {
    const outcomes = new Map<string, string>();
    for (const { id, outcome } of this.report(name)) {
      if (id === undefined) continue;
      if (outcomes.has(id)) throw new Error(`${id} has two lines`);
      outcomes.set(id, outcome);
    }
    return outcomes;
  }

  get deleteCount(): number {
    return [...this.simulator.record.deleteRequests.values()].reduce((sum, count) => sum + count, 0);
  }
}

function withDefaults(command: readonly string[], more: readonly string[]): string[] {
  const rate = more.includes('--rate') ? [] : ['--rate', 'unlimited'];
  const json = more[more.indexOf('--report') + 1] === '-' ? [] : ['--json'];
  return [...command, ...rate, ...json, ...more];
}

/** Commands that are only run to their end run in this process; those that are started have one of their own. */
export function withPurge<T>(options: Partial<SimulatorOptions>, work: (bench: PurgeBench) => Promise<T>): Promise<T> {
  return withFolder((folder) => withSimulator(options, (simulator) => work(new PurgeBench(folder, simulator, true))));
}

/** Each command has a process of its own: for tests of how one ends, and for those that overlap. */
export function withPurgeProcesses<T>(options: Partial<SimulatorOptions>, work: (bench: PurgeBench) => Promise<T>): Promise<T> {
  return withFolder((folder) => withSimulator(options, (simulator) => work(new PurgeBench(folder, simulator, false))));
}

export function makeIds(count: number, prefix = 'image'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(6, '0')}`);
}

/** What `--json` printed. */
export function summaryOf(result: CliResult): {
  job: string;
  state: string;
  digest: string | null;
  pending: number;
  exitCode: number;
  intake: Record<string, number | boolean>;
  protectedBy: readonly { rule: string; entries: number; held: number; near: number }[];
  outcomes: Record<string, number>;
  run: Record<string, number>;
} {
  return JSON.parse(result.stdout) as ReturnType<typeof summaryOf>;
}
