import { basename } from 'node:path';

import type { Simulator } from '../../../src/simulator/simulator.ts';
import type { CliResult } from '../../support/cli/cli.ts';
import { backupProblems } from '../../support/purge/backup.ts';
import type { Step } from './draw-step.ts';
import type { Status } from './history.ts';
import { type ListFiles, NEWER_IDS } from './list-files.ts';

const USAGE = 2;
const GUARD = 7;
const NEWER = '--protect-newer-than';

/** What was so before a command. */
export interface Expected {
  readonly sent: ReadonlyMap<string, number>;
  /** IDs that the purge at the checkpoint protects, those of its exclude files as they are now included. */
  readonly protectedIds: ReadonlySet<string>;
}

export interface CommandEnd {
  readonly step: Extract<Step, { kind: 'command' }>;
  readonly result: CliResult;
  readonly expected: Expected;
  readonly before: Status | undefined;
  readonly now: Status | undefined;
}

/** Knows which IDs a person wanted to keep, and looks after each command whether one of them was sent. */
export class HistoryOracle {
  readonly problems: string[] = [];
  readonly #files: ListFiles;
  readonly #simulator: Simulator;
  readonly #backupFolder: string;
  /** Purges that save each image before they delete it. */
  readonly #savingJobs = new Set<string>();
  /** IDs that any exclude file of a purge ever held, or that were newer than its age, by its job. */
  readonly #protectedByJob = new Map<string, Set<string>>();

  constructor(files: ListFiles, simulator: Simulator, backupFolder: string) {
    this.#backupFolder = backupFolder;
    this.#files = files;
    this.#simulator = simulator;
  }

  before(status: Status | undefined): Expected {
    const recorded = status === undefined ? [] : rulesOf(status).flatMap((name) => this.#idsOfRule(name));
    const known = status === undefined ? [] : (this.#protectedByJob.get(status.job) ?? []);
    return { sent: new Map(this.#simulator.record.deleteRequests), protectedIds: new Set([...known, ...recorded]) };
  }

  after({ step, result, expected, before, now }: CommandEnd): void {
    const { exitCode, stderr } = result;
    const sent = [...this.#simulator.record.deleteRequests].filter(([id, count]) => count > (expected.sent.get(id) ?? 0)).map(([id]) => id);
    const given = rulesIn(step.args).flatMap((name) => this.#idsOfRule(name));
    const isSamePurge = now !== undefined && now.job === before?.job;
    const dropped = step.args.includes('--drop-guards');
    const wanted = new Set([...given, ...(isSamePurge && !dropped ? expected.protectedIds : [])]);

    const wrong = sent.filter((id) => wanted.has(id));
    if (wrong.length > 0) this.#problem(`sent although protected: ${wrong.join(' ')}`);
    const saves = step.args.includes('--backup') || (isSamePurge && !dropped && this.#savingJobs.has(now.job));
    for (const problem of saves ? backupProblems(this.#backupFolder, sent) : []) this.#problem(problem);
    if (now !== undefined && !isSamePurge && before !== undefined) this.#checkReplaced(before, now, dropped);
    if (exitCode === GUARD && sent.length > 0) this.#problem(`exit 7, and ${sent.length} IDs were sent`);
    if (step.isPasted && exitCode === USAGE) this.#problem(`an advised command is exit 2: ${stderr.slice(0, 300)}`);
    for (const name of this.#files.changed()) this.#problem(`${name} is not as its owner left it`);
    if (stderr.includes('    at ')) this.#problem(`a bare stack: ${stderr.slice(0, 300)}`);
    if (now !== undefined && exitCode !== GUARD && exitCode !== USAGE) {
      this.#remember(now, wanted);
      if (saves) this.#savingJobs.add(now.job);
      // A person has dropped its guards by name.
      else this.#savingJobs.delete(now.job);
    }
  }

  /** A command is not told to read what is gone. */
  checkAdvice(advice: readonly (readonly string[])[]): void {
    for (const missing of advice.flatMap((args) => this.missingIn(args)))
      this.#problem(`${missing} is gone, and an advised command reads it`);
  }

  /** Exclude files of a command that are not there. */
  missingIn(args: readonly string[]): readonly string[] {
    return excludesIn(args).filter((name) => !this.#files.exists(name));
  }

  /** Another purge has taken the place of one that was not finished: its exclude files may not have gone unnoticed. */
  #checkReplaced(before: Status, now: Status, dropped: boolean): void {
    if (before.state === 'finished' || dropped) return;
    if (rulesOf(before).length > 0 && rulesOf(now).length === 0)
      this.#problem(`the purge that was ${before.state} and protected by ${rulesOf(before).join(', ')} was replaced by one without`);
  }

  /** @param name - an exclude file, or the age */
  #idsOfRule(name: string): readonly string[] {
    return name.startsWith(NEWER) ? NEWER_IDS : this.#files.idsOf(name);
  }

  #remember({ job }: Status, ids: Iterable<string>): void {
    this.#protectedByJob.set(job, new Set([...(this.#protectedByJob.get(job) ?? []), ...ids]));
  }

  #problem(text: string): void {
    this.problems.push(text);
  }
}

function rulesOf({ protectedBy }: Status): string[] {
  return protectedBy.filter(({ entries }) => entries > 0).map(({ rule }) => basename(rule));
}

/** As they are called where they are on record. */
function rulesIn(args: readonly string[]): string[] {
  return [...excludesIn(args), ...(args.includes(NEWER) ? [NEWER] : [])];
}

function excludesIn(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (arg.startsWith('--exclude=')) return [basename(arg.slice('--exclude='.length))];
    return arg === '--exclude' ? [basename(args[index + 1] ?? '')] : [];
  });
}
