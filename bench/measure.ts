import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { endWithBench } from './clean-up.ts';

/** How one whole process went. */
export interface Measured {
  readonly elapsedMs: number;
  /** User and system time of all its threads, as last seen before its end; 0 where there is no /proc. */
  readonly cpuMs: number;
  /** Highest resident set seen, in bytes; read from /proc every few milliseconds, 0 where there is none. */
  readonly peakRssBytes: number;
  readonly exitCode: number | null;
  readonly stderr: string;
}

const LOOK_EVERY_MS = 20;
/** The kernel counts in hundredths of a second for everyone who reads /proc. */
const MS_PER_TICK = 10;

/** Runs a command to its end, from spawn to exit. */
export function measure(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const child = endWithBench(
      spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'ignore', 'pipe'] }),
    );
    let peakRssBytes = 0;
    let cpuMs = 0;
    let stderr = '';
    const watch = setInterval(() => {
      peakRssBytes = Math.max(peakRssBytes, peakRssOf(child.pid));
      cpuMs = Math.max(cpuMs, cpuOf(child.pid));
    }, LOOK_EVERY_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (exitCode) => {
      clearInterval(watch);
      resolve({ elapsedMs: performance.now() - startedMs, cpuMs, peakRssBytes, exitCode, stderr });
    });
  });
}

/** The kernel's own high-water mark, so that no peak between two looks is missed. */
function peakRssOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // The process has just ended, or there is no /proc.
  }
}

/** Fields 14 and 15 of `stat`; the second, the program's name, may hold spaces. */
function cpuOf(pid: number | undefined): number {
  try {
    const [, fields = ''] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    return ((user ?? 0) + (system ?? 0)) * MS_PER_TICK;
  } catch {
    return 0; // The process has just ended, or there is no /proc.
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
