import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliOptions, type CliResult, runCli, type RunningCli, startCli, TEST_ACCOUNT, TEST_TOKEN } from '../support/cli/cli.ts';
import { keptWhereNotEmpty, type KillPhase, phaseOf, setAsideProblems } from './after-crash.ts';
import type { StatusSummary } from './oracle/final-problems.ts';
import { Oracle } from './oracle/oracle.ts';
import {
  failingOnce,
  type Scenario,
  SCENARIO_IMAGES,
  SCENARIO_REFUSED,
  SCENARIO_TRUTH,
  type ScenarioBench,
  setAsideIn,
  writeSources,
} from './scenarios.ts';

const CRASH_HERE = new URL('crash-here.ts', import.meta.url).href;
const FINISHING_RUNS_MAX = 4;
const LATENCY_MS = 10;

export interface Crash {
  /** `undefined`: the command came to its end before that step. */
  readonly step: string | undefined;
  readonly problems: readonly string[];
}

export interface Killed {
  /** What each kill met, by what the checkpoint held afterwards. */
  readonly phases: readonly KillPhase[];
  readonly problems: readonly string[];
}

/** A scenario made ready once, to be crashed many times from copies of its files. */
export class PreparedScenario {
  readonly scenario: Scenario;
  readonly #root: string = mkdtempSync(join(tmpdir(), 'images-purge-crash-'));
  #port = 0;
  #deletedEarlier: ReadonlySet<string> = new Set();
  #copies = 0;

  private constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  static async create(scenario: Scenario): Promise<PreparedScenario> {
    const prepared = new PreparedScenario(scenario);
    mkdirSync(prepared.#origin);
    writeSources(prepared.#origin);
    await prepared.#withServer(prepared.#origin, SCENARIO_IMAGES, async (simulator) => {
      await scenario.prepare(benchFor(prepared.#origin, simulator));
      prepared.#deletedEarlier = new Set(simulator.record.deleted);
    });
    return prepared;
  }

  get #origin(): string {
    return join(this.#root, 'origin');
  }

  /** How many steps the whole command takes; one or two more or fewer each time, as its commits fall. */
  async stepCount(): Promise<number> {
    const folder = this.#copy();
    const told = join(folder, 'told');
    await this.#withServer(folder, this.#imagesLeft(), (simulator) =>
      this.#crashed(benchFor(folder, simulator), simulator, { at: 0, told, isPowerLoss: false }),
    );
    const count = readFileSync(told, 'utf8').split('\n').length - 1;
    rmSync(folder, { recursive: true });
    return count;
  }

  /** Crashes the command at its `at`-th step, runs it again to the end and asks the oracle. */
  async crashAt(at: number, isPowerLoss: boolean): Promise<Crash> {
    const folder = this.#copy();
    const told = join(folder, 'told');
    const problems = await this.#crashAndFinish(folder, [(bench, simulator) => this.#crashed(bench, simulator, { at, told, isPowerLoss })]);
    return { step: existsSync(told) ? readFileSync(told, 'utf8') : undefined, problems: keptWhereNotEmpty(folder, problems) };
  }

  /** How long the whole command takes from its start, or from when it is told to stop, to its end. */
  async durationMs(): Promise<number> {
    const folder = this.#copy();
    const durationMs = await this.#withServer(folder, this.#imagesLeft(), async (simulator) => {
      const { running, begun } = this.#started(benchFor(folder, simulator), simulator);
      await begun;
      const begunMs = performance.now();
      await running.finished;
      return performance.now() - begunMs;
    });
    rmSync(folder, { recursive: true });
    return durationMs;
  }

  /** Kills the command so long after its start (or its stop), then the same command run again, and so on; then as {@link crashAt}. */
  async killAfter(delaysMs: readonly number[]): Promise<Killed> {
    const { scenario } = this;
    const folder = this.#copy();
    const phases: KillPhase[] = [];
    const killed = delaysMs.map((delayMs) => async (bench: ScenarioBench, simulator: Simulator) => {
      const { running, begun } = this.#started(bench, simulator);
      await Promise.race([begun.then(() => sleep(delayMs)), running.finished]);
      running.child.kill('SIGKILL');
      const result = await running.finished;
      phases.push(result.signal === 'SIGKILL' ? phaseOf(scenario, folder, simulator) : 'after its end');
      return result;
    });
    const problems = await this.#crashAndFinish(folder, killed);
    return { phases, problems: keptWhereNotEmpty(folder, problems) };
  }

  [Symbol.dispose](): void {
    rmSync(this.#origin, { recursive: true });
    try {
      rmSync(this.#root, { recursive: false });
    } catch {
      // Copies of failures stay for anyone who looks into them.
    }
  }

  #crashAndFinish(folder: string, crashes: readonly CrashedRun[]): Promise<string[]> {
    return this.#withServer(folder, this.#imagesLeft(), (simulator) => this.#crashAndFinishAt(folder, simulator, crashes));
  }

  async #crashAndFinishAt(folder: string, simulator: Simulator, crashes: readonly CrashedRun[]): Promise<string[]> {
    const { scenario } = this;
    const bench = benchFor(folder, simulator);
    const path = join(folder, 'a.csv.checkpoint');
    // A new purge of the same list meets images that exist again.
    const oracle = new Oracle(simulator, SCENARIO_TRUTH, path, 4, scenario.setsAside === true ? new Set() : this.#deletedEarlier);
    if (scenario.backup !== undefined) oracle.backupFolder = join(folder, scenario.backup);
    const note = (result: CliResult): void => {
      // What a plan held is not kept, nor is what its successor had accepted before it recorded anything.
      if (scenario.replacesPlan === true && !oracle.hasBegun) oracle.expectNewPurge();
      // Until the finished purge lies aside and the new one in its place, there is nothing new to look at.
      if (scenario.setsAside === true && (setAsideIn(folder).length === 0 || !existsSync(path))) return;
      oracle.afterRun({
        command: scenario.args(bench)[0] === 'resume' ? 'resume' : 'delete',
        wasKilled: result.signal !== null,
        hadOutage: false,
        exitCode: result.exitCode,
        retriesFailed: scenario.retriesFailed === true,
        excludedLate: scenario.excludedLate ?? new Set(),
        expectsAbsent: false,
      });
    };
    if (scenario.setsAside === true) oracle.expectNewPurge();
    for (const crash of crashes) {
      // What came to its end before it was to be killed would begin again.
      if (oracle.isFinished && scenario.retriesFailed !== true) break;
      const crashed = await crash(bench, simulator);
      await simulator.whenQuiet();
      note(crashed);
    }
    let last: CliResult | undefined;
    for (let run = 0; run < FINISHING_RUNS_MAX && !oracle.isFinished; run++)
      note((last = await bench.run((scenario.finishingArgs ?? scenario.args)(bench))));
    const status = await bench.run(['status', 'a.csv.checkpoint', '--json']);
    if (!oracle.isFinished) return [...oracle.problems, `it did not finish: exit ${last?.exitCode}: ${last?.stderr.slice(-1_500)}`];
    oracle.atEnd(JSON.parse(status.stdout) as StatusSummary);
    return [...oracle.problems, ...(scenario.setsAside === true ? setAsideProblems(folder, this.#origin) : [])];
  }

  #crashed(bench: ScenarioBench, simulator: Simulator, { at, told, isPowerLoss }: CrashOrder): Promise<CliResult> {
    const thread = this.scenario.backup === undefined ? 'ledger' : 'backup';
    const query = new URLSearchParams({ at: String(at), told, power: isPowerLoss ? '1' : '0', thread });
    return this.#started(bench, simulator, { nodeArgs: ['--import', `${CRASH_HERE}?${query.toString()}`] }).running.finished;
  }

  /** The scenario's command, told to stop where the scenario says so; `begun` resolves then, or else at once. */
  #started(
    bench: ScenarioBench,
    simulator: Simulator,
    options: CliOptions = {},
  ): { readonly running: RunningCli; readonly begun: Promise<unknown> } {
    const { scenario } = this;
    const running = startCli(scenario.args(bench), { cwd: bench.folder, ...options });
    if (scenario.stopAfter === undefined) return { running, begun: Promise.resolve() };
    const requested = simulator.whenRequests(simulator.record.requestCount + scenario.stopAfter);
    return { running, begun: Promise.race([requested.then(() => running.child.kill('SIGTERM')), running.finished]) };
  }

  #copy(): string {
    const folder = join(this.#root, `copy-${++this.#copies}`);
    cpSync(this.#origin, folder, { recursive: true, preserveTimestamps: true });
    return folder;
  }

  #imagesLeft(): readonly string[] {
    return this.scenario.setsAside === true ? SCENARIO_IMAGES : SCENARIO_IMAGES.filter((id) => !this.#deletedEarlier.has(id));
  }

  /** Always at the same address, which the checkpoint is bound to. */
  async #withServer<T>(folder: string, images: readonly string[], work: (simulator: Simulator) => Promise<T>): Promise<T> {
    const simulator = await startSimulator({
      accountId: TEST_ACCOUNT,
      apiToken: TEST_TOKEN,
      port: this.#port,
      latencyMs: LATENCY_MS,
      images: { kind: 'list', ids: images },
      rules: { poisonIds: [], refusedIds: SCENARIO_REFUSED, firewallIds: [] },
    });
    this.#port = Number(new URL(simulator.url).port);
    const { removesReportAfter } = this.scenario;
    simulator.override(
      failingOnce((seq) => {
        if (seq === removesReportAfter) rmSync(join(folder, 'a.csv.checkpoint.report.ndjson'), { force: true });
      }),
    );
    try {
      return await work(simulator);
    } finally {
      await simulator.close();
    }
  }
}

type CrashedRun = (bench: ScenarioBench, simulator: Simulator) => Promise<CliResult>;

interface CrashOrder {
  readonly at: number;
  readonly told: string;
  readonly isPowerLoss: boolean;
}

function benchFor(folder: string, simulator: Simulator): ScenarioBench {
  return {
    folder,
    url: simulator.url,
    run: (args, options) => runCli(args, { cwd: folder, ...options }),
    runUntil: (args, requestCount, signal) => runUntil(folder, simulator, args, requestCount, signal),
  };
}

async function runUntil(
  folder: string,
  simulator: Simulator,
  args: readonly string[],
  requestCount: number,
  signal: NodeJS.Signals,
): Promise<CliResult> {
  const running = startCli(args, { cwd: folder });
  await Promise.race([simulator.whenRequests(simulator.record.requestCount + requestCount), running.finished]);
  running.child.kill(signal);
  return running.finished;
}
