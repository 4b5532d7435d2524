import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliOptions, type CliResult, runCli, startCli, TEST_ACCOUNT, TEST_TOKEN } from '../support/cli.ts';
import { Oracle } from './oracle.ts';
import { failingOnce, type Scenario, SCENARIO_IMAGES, SCENARIO_REFUSED, SCENARIO_TRUTH, type ScenarioBench, setAsideIn, writeSources } from './scenarios.ts';

const CRASH_HERE = new URL('crash-here.ts', import.meta.url).href;
const FINISHING_RUNS_MAX = 4;
const LATENCY_MS = 10;

export interface Crash {
  /** `undefined`: the command came to its end before that step. */
  readonly step: string | undefined;
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

  /** The names of the steps of the whole command. */
  async steps(): Promise<string[]> {
    const folder = this.#copy();
    const told = join(folder, 'told');
    await this.#withServer(folder, this.#imagesLeft(), (simulator) => this.#crashed(benchFor(folder, simulator), simulator, { at: 0, told, isPowerLoss: false }));
    return readFileSync(told, 'utf8').trim().split('\n');
  }

  /** Crashes the command at its `at`-th step, runs it again to the end and asks the oracle. */
  async crashAt(at: number, isPowerLoss: boolean): Promise<Crash> {
    const folder = this.#copy();
    const told = join(folder, 'told');
    const problems = await this.#withServer(folder, this.#imagesLeft(), (simulator) => this.#crashAndFinish(folder, simulator, { at, told, isPowerLoss }));
    const step = existsSync(told) ? readFileSync(told, 'utf8') : undefined;
    if (problems.length === 0) rmSync(folder, { recursive: true });
    else problems.push(`files in ${folder}`);
    return { step, problems };
  }

  [Symbol.dispose](): void {
    rmSync(this.#origin, { recursive: true });
    try {
      rmSync(this.#root, { recursive: false });
    } catch {
      // Copies of failures stay for whoever looks into them.
    }
  }

  async #crashAndFinish(folder: string, simulator: Simulator, crash: CrashOrder): Promise<string[]> {
    const { scenario } = this;
    const bench = benchFor(folder, simulator);
    const path = join(folder, 'a.csv.checkpoint');
    // A new purge of the same list meets images that exist again.
    const oracle = new Oracle(simulator, SCENARIO_TRUTH, path, 4, scenario.setsAside === true ? new Set() : this.#deletedEarlier);
    const note = (result: CliResult): void => {
      // What a plan held is not kept, nor is what its successor had accepted before it recorded anything.
      if (scenario.replacesPlan === true && !oracle.hasOutcomes) oracle.expectNewPurge();
      // Until the finished purge lies aside and the new one in its place, there is nothing new to look at.
      if (scenario.setsAside === true && (setAsideIn(folder).length === 0 || !existsSync(path))) return;
      oracle.afterRun({ command: scenario.args(bench)[0] === 'resume' ? 'resume' : 'delete', wasKilled: result.signal !== null, exitCode: result.exitCode, retriesFailed: scenario.name.includes('--retry-failed'), excludedLate: scenario.excludedLate ?? new Set(), expectsAbsent: false });
    };
    if (scenario.setsAside === true) oracle.expectNewPurge();
    const crashed = await this.#crashed(bench, simulator, crash);
    await simulator.whenQuiet();
    note(crashed);
    const mustBegin = scenario.setsAside === true && setAsideIn(folder).length === 0;
    let last: CliResult | undefined;
    for (let run = 0; run < FINISHING_RUNS_MAX && (!oracle.isFinished || (mustBegin && run === 0) || !existsSync(path)); run++) {
      if (mustBegin && run === 0) oracle.expectNewPurge();
      note((last = await bench.run(scenario.args(bench))));
    }
    const status = await bench.run(['status', 'a.csv.checkpoint', '--json']);
    if (!oracle.isFinished) return [...oracle.problems, `it did not finish: exit ${last?.exitCode}: ${last?.stderr.slice(-1_500)}`];
    oracle.atEnd(JSON.parse(status.stdout) as Parameters<Oracle['atEnd']>[0]);
    return [...oracle.problems, ...(scenario.setsAside === true ? this.#setAsideProblems(folder) : [])];
  }

  #setAsideProblems(folder: string): string[] {
    const [name, ...more] = setAsideIn(folder);
    if (name === undefined || more.length > 0) return [`${more.length + (name === undefined ? 0 : 1)} checkpoints were set aside`];
    const path = join(folder, name);
    const report = `a.csv.checkpoint.report.ndjson${name.slice('a.csv.checkpoint'.length)}`;
    if (!existsSync(join(folder, report))) return [`${report} is not there`];
    const isSame = readFileSync(join(folder, report), 'utf8') === readFileSync(join(this.#origin, 'a.csv.checkpoint.report.ndjson'), 'utf8');
    return [...(isSame ? [] : ['the report set aside is not as it was']), ...(existsSync(`${path}-wal`) ? ['a WAL was left beside the checkpoint set aside'] : [])];
  }

  #crashed(bench: ScenarioBench, simulator: Simulator, { at, told, isPowerLoss }: CrashOrder): Promise<CliResult> {
    const query = new URLSearchParams({ at: String(at), told, power: isPowerLoss ? '1' : '0' });
    const options: CliOptions = { nodeArgs: ['--import', `${CRASH_HERE}?${query.toString()}`] };
    const { stopAfter } = this.scenario;
    if (stopAfter === undefined) return bench.run(this.scenario.args(bench), options);
    return runUntil(bench.folder, simulator, this.scenario.args(bench), stopAfter, 'SIGTERM', options);
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
    const simulator = await startSimulator({ accountId: TEST_ACCOUNT, apiToken: TEST_TOKEN, port: this.#port, latencyMs: LATENCY_MS, images: { kind: 'list', ids: images }, rules: { poisonIds: [], refusedIds: SCENARIO_REFUSED, firewallIds: [] } });
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

async function runUntil(folder: string, simulator: Simulator, args: readonly string[], requestCount: number, signal: NodeJS.Signals, options: CliOptions = {}): Promise<CliResult> {
  const running = startCli(args, { cwd: folder, ...options });
  await Promise.race([simulator.whenRequests(simulator.record.requestCount + requestCount), running.finished]);
  running.child.kill(signal);
  return running.finished;
}
