import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Simulator } from '../../src/simulator/simulator.ts';
import { type CliResult, runCli, startCli } from '../support/cli/cli.ts';
import { sentinelsInFolder } from '../support/cli/sentinels.ts';
import { withSimulator } from '../support/servers/simulator.ts';
import { createDraw, type Draw } from './draw.ts';
import { type DrawnInput, drawInput } from './input.ts';
import type { StatusSummary } from './oracle/final-problems.ts';
import { Oracle } from './oracle/oracle.ts';
import type { Truth } from './oracle/truth.ts';
import { type Disturbance, type DrawnOutage, type DrawnRun, drawSize, type DrawnTrial, drawTrial, type Tampering } from './trial.ts';

export interface TrialResult {
  readonly seed: number;
  readonly problems: readonly string[];
  /** What was done, for anyone who looks into a failure. */
  readonly story: readonly string[];
  /** Kept where there is a problem. */
  readonly folder: string;
  readonly idCount: number;
  readonly runCount: number;
  readonly killCount: number;
  readonly requestCount: number;
  /** See `Oracle.oldestLostMs`. */
  readonly oldestLostMs: number;
}

/** Undisturbed runs that a purge may need to come to its end after the disturbed ones. */
const LAST_RUNS_MAX = 4;
const RUN_MS_MAX = 120_000;
/** What runs may end with here: 1 for failed or rejected rows, 5 for a resume without the source, 8 for limits. */
const EXIT_CODES: Readonly<Record<DrawnRun['command'], readonly (number | null)[]>> = {
  plan: [0, 1, 130, 143, null],
  delete: [0, 1, 8, 130, 143, null],
  resume: [0, 1, 5, 7, 8, 130, 143, null],
};

const QUIET: DrawnRun = { command: 'delete', options: [], disturbance: { kind: 'none' }, outage: undefined, tampering: undefined };

export async function runTrial(seed: number): Promise<TrialResult> {
  const draw = createDraw(seed);
  const folder = mkdtempSync(join(tmpdir(), `images-purge-chaos-${seed}-`));
  const input = drawInput(draw, folder, drawSize(draw));
  const drawn = drawTrial(draw, input, seed);
  const result = await withSimulator(drawn.simulator, (simulator) => new Trial(draw, folder, input, drawn, simulator).run());
  const problems = [...result.problems, ...sentinelsInFolder(folder)];
  if (problems.length === 0) rmSync(folder, { recursive: true });
  return { ...result, problems, seed, folder };
}

class Trial {
  readonly #draw: Draw;
  readonly #folder: string;
  readonly #input: DrawnInput;
  readonly #drawn: DrawnTrial;
  readonly #simulator: Simulator;
  readonly #oracle: Oracle;
  readonly #checkpointPath: string;
  readonly #lateExcluded: ReadonlySet<string>;
  readonly #story: string[] = [];
  readonly #problems: string[] = [];
  #runCount = 0;
  #killedAtMs: number | undefined;
  /** What lies at the checkpoint is a plan that nothing has carried out yet. */
  #isPlan = false;

  constructor(draw: Draw, folder: string, input: DrawnInput, drawn: DrawnTrial, simulator: Simulator) {
    this.#draw = draw;
    this.#folder = folder;
    this.#input = input;
    this.#drawn = drawn;
    this.#simulator = simulator;
    this.#checkpointPath = join(folder, `${input.sources[0]}.checkpoint`);
    const images = drawn.simulator.images;
    const truth: Truth = { ...input.truth, images: images?.kind === 'list' ? new Set(images.ids) : 'any' };
    this.#oracle = new Oracle(simulator, truth, this.#checkpointPath, drawn.concurrency);
    if (drawn.backup !== undefined) this.#oracle.backupFolder = join(folder, drawn.backup);
    this.#lateExcluded = new Set([...input.truth.accepted].filter(() => drawn.lateExcludeFrom < Infinity && draw.chance(0.1)));
    if (this.#lateExcluded.size > 0) writeFileSync(join(folder, 'keep-late.csv'), `id\n${[...this.#lateExcluded].join('\n')}\n`);
  }

  async run(): Promise<Omit<TrialResult, 'seed' | 'folder'>> {
    await this.#toTheEnd();
    if (this.#drawn.retriesFailed && this.#oracle.isFinished && this.#oracle.failedCount > 0) {
      await this.#go({
        ...QUIET,
        command: 'resume',
        options: ['--retry-failed'],
        disturbance: this.#draw.chance(0.5)
          ? { kind: 'after', delayMs: this.#draw.between(150, 500), signals: ['SIGKILL'], apartMs: 0 }
          : QUIET.disturbance,
      });
      await this.#toTheEnd();
    }
    const status = await runCli(['status', this.#checkpointPath, '--json'], { cwd: this.#folder });
    try {
      this.#oracle.atEnd(JSON.parse(status.stdout) as StatusSummary);
    } catch (error) {
      this.#problems.push(`the end could not be looked at: ${String(error)}: ${status.stderr}`);
    }
    const { requestCount } = this.#simulator.record;
    const { accepted, protected: kept } = this.#input.truth;
    return {
      problems: [...this.#problems, ...this.#oracle.problems],
      story: this.#story,
      idCount: accepted.size + kept.size,
      runCount: this.#runCount,
      killCount: this.#oracle.killCount,
      requestCount,
      oldestLostMs: this.#oracle.oldestLostMs,
    };
  }

  async #toTheEnd(): Promise<void> {
    // A purge that has outcomes is not planned again (exit 7): where the runs begin again, a plan is left out.
    const runs = this.#drawn.runs.filter(({ command }) => command !== 'plan' || this.#runCount === 0);
    for (const run of runs) if (!this.#oracle.isFinished && this.#runCount <= this.#drawn.runs.length) await this.#go(run);
    for (let last = 0; last < LAST_RUNS_MAX && !this.#oracle.isFinished; last++) await this.#go(QUIET);
  }

  async #go(run: DrawnRun): Promise<void> {
    const isLate = this.#lateExcluded.size > 0 && this.#runCount >= this.#drawn.lateExcludeFrom;
    this.#runCount++;
    const { common, ofDelete, batchTokenCount } = this.#drawn;
    const whatByCommand = {
      plan: ['plan', ...this.#input.sources, '--base-url', this.#simulator.url, ...ofDelete],
      delete: ['delete', ...this.#input.sources, '--yes', '--base-url', this.#simulator.url, ...ofDelete],
      resume: ['resume', `${this.#input.sources[0]}.checkpoint`, '--yes'],
    };
    const args = [
      ...whatByCommand[run.command],
      ...common,
      ...(batchTokenCount > 0 ? ['--batch-base-url', this.#simulator.batchUrl] : []),
      ...(isLate ? ['--exclude', 'keep-late.csv'] : []),
      ...run.options,
    ];
    this.#story.push(
      `images-purge ${args.join(' ')}   # ${JSON.stringify([run.disturbance, run.outage ?? 'no outage', run.tampering ?? 'no tampering'])}`,
    );
    const hadCheckpoint = existsSync(this.#checkpointPath);
    if (run.tampering !== undefined) tamperWith(`${this.#checkpointPath}.report.ndjson`, run.tampering);
    // Only `resume` keeps what a plan holds.
    if (this.#isPlan && run.command === 'delete' && !this.#oracle.hasBegun) this.#oracle.expectNewPurge();
    this.#isPlan = run.command === 'plan' || (this.#isPlan && run.command === 'resume');
    const outage = this.#beginOutage(run.outage);
    const result = await this.#disturbed(args, run.disturbance);
    outage.stop();
    this.#story.push(`  → ${result.exitCode ?? result.signal}, ${this.#simulator.record.requestCount} requests so far`);
    // A second signal may end the process at once, as a kill does.
    const wasKilled =
      result.signal !== null || (run.disturbance.kind !== 'none' && run.disturbance.signals.length > 1 && result.exitCode !== 0);
    // Before anything was deleted one refusal is believed.
    const isRefused = result.exitCode === 3 && this.#drawn.simulator.strayRefusalEach !== undefined;
    if (!EXIT_CODES[run.command].includes(result.exitCode) && !isRefused)
      this.#problems.push(`${run.command} ended with ${result.exitCode}: ${result.stderr.slice(-2_000)}`);
    if (run.command === 'resume' && !hadCheckpoint && result.exitCode !== 5 && !wasKilled)
      this.#problems.push(`resume of nothing ended with ${result.exitCode}`);
    this.#oracle.afterRun({
      command: run.command === 'resume' ? 'resume' : 'delete',
      wasKilled,
      hadOutage: run.outage !== undefined,
      exitCode: result.exitCode,
      retriesFailed: run.options.includes('--retry-failed'),
      excludedLate: isLate ? this.#lateExcluded : new Set(),
      expectsAbsent: this.#drawn.expectsAbsent,
      killedAtMs: this.#killedAtMs,
      stdoutReport: this.#drawn.isReportToStdout ? result.stdout : undefined,
    });
  }

  /** From its beginning on, until it has lasted or the run is over. */
  #beginOutage(outage: DrawnOutage | undefined): { stop: () => void } {
    if (outage === undefined) return { stop: () => undefined };
    const usual = this.#drawn.simulator.faults?.[outage.fault] ?? 0;
    let lasting = { stop: (): void => undefined };
    let isOver = false;
    const begin = async (): Promise<void> => {
      await this.#simulator.whenRequests(this.#simulator.record.requestCount + outage.afterRequests);
      if (isOver) return;
      this.#simulator.setFaults({ [outage.fault]: 1 });
      lasting = watchFor(outage.lastsMs, () => this.#simulator.setFaults({ [outage.fault]: usual }));
    };
    void begin();
    return {
      stop: () => {
        isOver = true;
        lasting.stop();
        this.#simulator.setFaults({ [outage.fault]: usual });
      },
    };
  }

  async #disturbed(args: readonly string[], disturbance: Disturbance): Promise<CliResult> {
    this.#killedAtMs = undefined;
    const running = startCli(args, { cwd: this.#folder });
    const overlong = watchFor(RUN_MS_MAX, () => {
      this.#problems.push(`a run had not ended after ${RUN_MS_MAX} ms`);
      running.child.kill('SIGKILL');
    });
    if (disturbance.kind !== 'none') {
      const instant =
        disturbance.kind === 'after'
          ? sleep(disturbance.delayMs)
          : this.#simulator.whenRequests(this.#simulator.record.requestCount + disturbance.count);
      await Promise.race([instant, running.finished]);
      for (const [index, signal] of disturbance.signals.entries()) {
        if (index > 0) await sleep(disturbance.apartMs);
        if (signal === 'SIGKILL') this.#killedAtMs = performance.now();
        running.child.kill(signal);
      }
    }
    const result = await running.finished;
    overlong.stop();
    await this.#simulator.whenQuiet();
    return result;
  }
}

function tamperWith(reportPath: string, tampering: Tampering): void {
  if (!existsSync(reportPath)) return;
  switch (tampering) {
    case 'remove':
      return rmSync(reportPath);
    case 'cut':
      return truncateSync(reportPath, Math.floor(statSync(reportPath).size / 2));
    case 'append':
      // Alone in its file, such a line makes it another purge's, which is refused.
      if (statSync(reportPath).size === 0) return;
      return appendFileSync(reportPath, '{"id":"somebody-elses","outcome":"deleted"}\n');
    case 'overwrite':
      return writeFileSync(reportPath, 'x'.repeat(statSync(reportPath).size));
  }
}

function watchFor(delayMs: number, work: () => void): { stop: () => void } {
  const stopped = new AbortController();
  void sleep(delayMs, undefined, { signal: stopped.signal }).then(work, () => undefined);
  return { stop: () => stopped.abort() };
}
