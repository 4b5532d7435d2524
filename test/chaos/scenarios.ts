import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { failure } from '../../src/simulator/simulated-answers.ts';
import type { Override } from '../../src/simulator/script.ts';
import type { CliOptions, CliResult } from '../support/cli/cli.ts';
import type { Truth } from './oracle/truth.ts';

/** What a scenario is prepared with, and later crashed with. */
export interface ScenarioBench {
  readonly folder: string;
  readonly url: string;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Runs the command and sends the signal after so many of its requests. */
  runUntil(args: readonly string[], requestCount: number, signal: NodeJS.Signals): Promise<CliResult>;
}

/** A place from which a command is crashed at each of its steps. */
export interface Scenario {
  readonly name: string;
  prepare(bench: ScenarioBench): Promise<unknown>;
  /** The command that is crashed, and then run again until the purge is finished. */
  readonly args: (bench: ScenarioBench) => readonly string[];
  /** Where that command alone does not finish a purge. */
  readonly finishingArgs?: (bench: ScenarioBench) => readonly string[];
  /** Begins a new purge where a finished one lies, which must then lie beside it, whole. */
  readonly setsAside?: true;
  /** Throws a plan away and begins a new purge in its place. */
  readonly replacesPlan?: true;
  /** Takes up IDs that have failed, of a purge that is finished. */
  readonly retriesFailed?: true;
  /** Sent to the crashed command after so many of its requests, so that it is draining. */
  readonly stopAfter?: number;
  readonly excludedLate?: ReadonlySet<string>;
  /** Somebody removes the report after so many of the crashed command's requests. */
  readonly removesReportAfter?: number;
  /** Where it saves images: it is crashed at the steps of that, and no image may be deleted that is not whole in there. */
  readonly backup?: string;
}

const SOURCES = ['a.csv', 'b.csv', 'c.csv'];
const ids = Array.from({ length: 45 }, (_, index) =>
  index % 3 === 0 ? `00000000-0000-4000-8000-0000000000${String(index).padStart(2, '0')}` : `shop/image-${index}`,
);
const absent = ids.slice(20, 23);
const kept = ids.slice(30, 33);
const refused = [ids[5] ?? '', ids[40] ?? ''];
/** Their first request is answered by 500. */
const unlucky = [ids[2] ?? '', ids[17] ?? '', ids[44] ?? ''];
const excludedLate = new Set([ids[13] ?? '', ids[28] ?? '', ids[43] ?? '']);

export const SCENARIO_REFUSED: readonly string[] = refused;

/** What the server holds before the first run. */
export const SCENARIO_IMAGES: readonly string[] = ids.filter((id) => !absent.includes(id));

export const SCENARIO_TRUTH: Truth = {
  accepted: new Set(ids.filter((id) => !kept.includes(id))),
  protected: new Set(kept),
  counts: { rows: 45 + 3 + 3, accepted: 42, duplicates: 3, protected: 3, rejected: 3, skipped: 0 },
  images: new Set(SCENARIO_IMAGES),
};

/** Three sources of 15 IDs, each with a row that is met before and one that is no ID. */
export function writeSources(folder: string): void {
  SOURCES.forEach((name, index) => {
    const own = ids.slice(index * 15, index * 15 + 15);
    writeFileSync(join(folder, name), ['id', ...own.slice(0, 8), ids[0], 'variants/hero', ...own.slice(8), ''].join('\n'));
  });
  writeFileSync(join(folder, 'keep.txt'), `${kept.join('\n')}\n`);
  writeFileSync(join(folder, 'keep-late.txt'), `${[...excludedLate].join('\n')}\n`);
}

/** Some IDs fail once: what is told of their attempts is on its way to the checkpoint too. */
export function failingOnce(onRequest: (seq: number) => void): Override {
  const left = new Set(unlucky);
  return ({ method, id, seq }) => {
    onRequest(seq);
    return method === 'DELETE' && id !== undefined && left.delete(id) ? failure(500, 5500, 'Internal server error') : undefined;
  };
}

const deleteArgs = (bench: ScenarioBench, ...more: string[]): string[] => [
  'delete',
  ...SOURCES,
  '--yes',
  '--base-url',
  bench.url,
  '--exclude',
  'keep.txt',
  '--rate',
  'unlimited',
  '--concurrency',
  '4',
  '--progress',
  'none',
  ...more,
];
const resumeArgs = (...more: string[]): string[] => [
  'resume',
  'a.csv.checkpoint',
  '--yes',
  '--rate',
  'unlimited',
  '--concurrency',
  '4',
  '--progress',
  'none',
  ...more,
];
const planArgs = (bench: ScenarioBench): string[] => ['plan', ...SOURCES, '--base-url', bench.url, '--exclude', 'keep.txt'];

async function withBrokenSource(bench: ScenarioBench): Promise<void> {
  const path = join(bench.folder, 'c.csv');
  const whole = readFileSync(path);
  writeFileSync(path, 'id\n"never closed\n');
  await bench.run(deleteArgs(bench));
  writeFileSync(path, whole);
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'a new purge', prepare: () => Promise.resolve(), args: (bench) => deleteArgs(bench) },
  {
    name: 'a new purge at a rate',
    prepare: () => Promise.resolve(),
    args: (bench) =>
      deleteArgs(bench, '--rate', '200/s').filter(
        (arg, index, all) => !(arg === 'unlimited' || (arg === '--rate' && all[index + 1] === 'unlimited')),
      ),
  },
  { name: 'a purge told to stop, while it drains', prepare: () => Promise.resolve(), args: (bench) => deleteArgs(bench), stopAfter: 15 },
  {
    name: 'a report that is removed meanwhile',
    prepare: () => Promise.resolve(),
    args: (bench) => deleteArgs(bench),
    removesReportAfter: 20,
  },
  {
    name: 'delete goes on after a kill',
    prepare: (bench) => bench.runUntil(deleteArgs(bench), 20, 'SIGKILL'),
    args: (bench) => deleteArgs(bench),
  },
  { name: 'delete reads again after a broken source', prepare: withBrokenSource, args: (bench) => deleteArgs(bench) },
  {
    name: 'resume after a kill, with another exclude list',
    prepare: (bench) => bench.runUntil(deleteArgs(bench), 20, 'SIGKILL'),
    args: () => resumeArgs('--exclude', 'keep-late.txt'),
    excludedLate,
  },
  {
    name: 'resume after a limit, with another report',
    prepare: (bench) => bench.run(deleteArgs(bench, '--limit', '20', '--report', 'first.ndjson')),
    args: () => resumeArgs('--report', 'a.csv.checkpoint.report.ndjson'),
  },
  {
    name: 'resume --retry-failed',
    prepare: (bench) => bench.run(deleteArgs(bench)),
    args: () => resumeArgs('--retry-failed'),
    retriesFailed: true,
  },
  {
    name: 'delete where a finished purge lies',
    prepare: (bench) => bench.run(deleteArgs(bench)),
    args: (bench) => deleteArgs(bench),
    setsAside: true,
  },
  {
    name: 'delete where a plan lies',
    prepare: (bench) => bench.run(planArgs(bench)),
    args: (bench) => deleteArgs(bench),
    replacesPlan: true,
  },
  { name: 'a plan', prepare: () => Promise.resolve(), args: planArgs, finishingArgs: (bench) => deleteArgs(bench), replacesPlan: true },
  { name: 'resume carries out a plan', prepare: (bench) => bench.run(planArgs(bench)), args: () => resumeArgs() },
];

const BACKUP = 'saved';

/** Their steps are those of the backup, on another thread than all others. */
export const BACKUP_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a new purge with a backup',
    prepare: () => Promise.resolve(),
    args: (bench) => deleteArgs(bench, '--backup', BACKUP),
    backup: BACKUP,
  },
  {
    name: 'resume after a kill, with a backup',
    prepare: (bench) => bench.runUntil(deleteArgs(bench, '--backup', BACKUP), 60, 'SIGKILL'),
    args: () => resumeArgs(),
    backup: BACKUP,
  },
];

/** Checkpoints set aside in a folder, by name. */
export function setAsideIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^a\.csv\.checkpoint\.\d{8}T\d{6}Z(?:-\d+)?$/.test(name));
}
