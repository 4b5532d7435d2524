import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type CliResult, runCli, withFolder } from '../cli/cli.ts';
import { runInProcess } from '../cli/in-process.ts';
import type { ReportLine } from './purge.ts';

/** What a purge of a few IDs at some address came to. */
export interface SocketPurge {
  readonly result: CliResult;
  readonly lines: readonly ReportLine[];
  /** Outcome by ID; throws where an ID has two lines. */
  readonly outcomes: ReadonlyMap<string, string>;
  readonly pending: number;
}

export interface SocketPurgeOptions {
  readonly ids: readonly string[];
  readonly more?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A fault that is a silence shows in seconds, and a busy machine still answers in time. A run gives up only where a test says so. */
const QUICK = ['--timeout', '5s', '--max-attempts', '3', '--rate', 'unlimited', '--give-up-after', '10m'];

/** `delete` of these IDs at `url`, in a folder of its own and in this process: one after the other. */
export function purgeAt(url: string, options: SocketPurgeOptions): Promise<SocketPurge> {
  return purgeBy(runInProcess, url, options);
}

/** The same, each in a process of its own. */
export function purgeByProcessAt(url: string, options: SocketPurgeOptions): Promise<SocketPurge> {
  return purgeBy(runCli, url, options);
}

type Run = (
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
) => Promise<CliResult>;

function purgeBy(run: Run, url: string, { ids, more = [], env = {} }: SocketPurgeOptions): Promise<SocketPurge> {
  return withFolder(async (folder) => {
    writeFileSync(join(folder, 'ids.csv'), `id\n${ids.join('\n')}\n`);
    const given = QUICK.filter((_, index) => !more.includes(QUICK[index - (index % 2)] ?? ''));
    const result = await run(['delete', 'ids.csv', '--yes', '--json', '--base-url', url, ...given, ...more], { cwd: folder, env });
    const lines = readFileSync(join(folder, 'ids.csv.checkpoint.report.ndjson'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ReportLine);
    const outcomes = new Map<string, string>();
    for (const { id = '', outcome } of lines) {
      if (outcomes.has(id)) throw new Error(`${id} has two lines`);
      outcomes.set(id, outcome);
    }
    const { pending } = JSON.parse(result.stdout) as { pending: number };
    return { result, lines, outcomes, pending };
  });
}
