import { existsSync, readdirSync } from 'node:fs';

import { newPathOf } from '../../../src/domain/new-file.ts';
import { CLI_PATH } from '../cli/cli.ts';
import { contradictions, contradictionsSoFar, type Expected } from '../purge/oracle.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../purge/purge.ts';
import { type InjectedRun, type Injection, runInjected } from './strace.ts';

/** What the run with the fault finds when it begins. */
export type Scenario = 'fresh' | 'going-on' | 'after-a-kill' | 'after-a-finished-purge';

export const SCENARIOS: readonly Scenario[] = ['fresh', 'going-on', 'after-a-kill', 'after-a-finished-purge'];

export interface Trial extends Omit<Injection, 'paths'> {
  readonly scenario: Scenario;
}

export interface TrialResult {
  /** `false`: the run made no N-th call of this kind, so nothing was tried. */
  readonly wasInjected: boolean;
  readonly exitCode: number | null;
  /** In words; none is what is wanted. */
  readonly complaints: readonly string[];
}

/** Enough for several commits and pages, few enough that a trial takes a second or two. */
const ID_COUNT = 120;
const OLD_IDS = makeIds(20, 'old');
const IDS = makeIds(ID_COUNT);

const CHECKPOINT = 'ids.csv.checkpoint';
const LOG = 'run.log';
const SIBLINGS = [
  '',
  '-wal',
  '-shm',
  '-journal',
  ...['', '-wal', '-shm', '-journal'].map((ending) => newPathOf('') + ending),
  '.lock',
  '.lock-journal',
  '.report.ndjson',
  newPathOf('.report.ndjson'),
];

/** One run with one failing call, then the same command without it; compares what the server, checkpoint and report say. */
export function runTrial(trial: Trial): Promise<TrialResult> {
  return withPurge({ latencyMs: 1 }, async (bench) => {
    const elsewhere = await prepare(bench, trial.scenario);
    const paths = [bench.folder, bench.path('ids.csv'), bench.path(LOG), ...SIBLINGS.map((suffix) => bench.path(CHECKPOINT + suffix))];
    const broken = await runInjected([CLI_PATH, ...argsOf(bench)], { ...trial, paths }, bench.path('trace'), { cwd: bench.folder });
    const expected: Expected = { accepted: IDS, acceptedElsewhere: elsewhere };
    const complaints = [...badEnding(broken), ...contradictionsSoFar(bench, { ...expected, accepted: [...IDS, ...elsewhere] })];
    if (!isFinished(broken)) {
      const fixed = await bench.run(argsOf(bench));
      if (fixed.exitCode !== 0) complaints.push(`the same command ended with ${fixed.exitCode} after the fix:\n${fixed.stderr}`);
    }
    complaints.push(...contradictions(bench, expected), ...leftovers(bench, elsewhere.length > 0));
    const [setAside] = readdirSync(bench.folder).filter((name) => /checkpoint\.\d+T\d+Z$/.test(name));
    if (setAside !== undefined)
      complaints.push(
        ...contradictions(bench, {
          accepted: elsewhere,
          acceptedElsewhere: IDS,
          checkpoint: setAside,
          report: setAside.replace(/checkpoint/, 'checkpoint.report.ndjson'),
        }),
      );
    return {
      wasInjected: broken.injected.length > 0,
      exitCode: broken.exitCode,
      complaints: complaints.map((complaint) => `${complaint}\n  ${broken.injected.join('\n  ')}`),
    };
  });
}

/** @returns the IDs of a purge that the run puts aside */
async function prepare(bench: PurgeBench, scenario: Scenario): Promise<readonly string[]> {
  bench.writeIds('ids.csv', scenario === 'after-a-finished-purge' ? OLD_IDS : IDS);
  switch (scenario) {
    case 'fresh':
      return [];
    case 'going-on':
      await bench.run([...argsOf(bench), '--limit', '40']);
      return [];
    case 'after-a-kill': {
      const running = bench.start(argsOf(bench));
      await bench.simulator.whenRequests(ID_COUNT / 2);
      running.child.kill('SIGKILL');
      await running.finished;
      return [];
    }
    case 'after-a-finished-purge':
      await bench.run(argsOf(bench));
      bench.writeIds('ids.csv', IDS);
      return OLD_IDS;
  }
}

/** Every image exists, so an ID that is absent by others' doing (exit 1) is one of ours whose request was forgotten. */
function argsOf(bench: PurgeBench): string[] {
  return [
    'delete',
    bench.path('ids.csv'),
    '--yes',
    '--json',
    '--fail-on-absent',
    '--concurrency',
    '4',
    '--rate',
    'unlimited',
    '--log-file',
    LOG,
    '--base-url',
    bench.simulator.url,
  ];
}

function isFinished({ stdout }: InjectedRun): boolean {
  return stdout !== '' && summaryOf({ exitCode: 0, signal: null, stdout, stderr: '' }).state === 'finished';
}

/** Exit 0, or 5 with a message that names file, cause and next step. */
function badEnding(run: InjectedRun): string[] {
  const { exitCode, stderr } = run;
  if (exitCode === 0) return isFinished(run) ? [] : [`it ended with 0 and is not finished:\n${stderr}`];
  if (exitCode !== 5) return [`it ended with ${exitCode}:\n${stderr}`];
  const message = /^error: .*/ms.exec(stderr)?.[0] ?? '';
  const isComplete = /ids\.csv/.test(message) && /\(.+\)|is full|is read-only/.test(message) && /\n {7}\S/.test(message);
  return isComplete ? [] : [`its message lacks file, cause or next step:\n${stderr}`];
}

function leftovers(bench: PurgeBench, hasSetAside: boolean): string[] {
  const known = /^(run\.log|ids\.csv(\.checkpoint(\.report\.ndjson)?)?)$/;
  const setAside = /^ids\.csv\.checkpoint(\.report\.ndjson)?\.\d{8}T\d{6}Z$/;
  const names = readdirSync(bench.folder).filter((name) => !known.test(name) && !(hasSetAside && setAside.test(name)));
  return names.filter((name) => existsSync(bench.path(name))).map((name) => `${name} was left behind`);
}
