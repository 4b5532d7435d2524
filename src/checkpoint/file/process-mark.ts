import { readFileSync } from 'node:fs';

/** Names a process so that no other one is taken for it, however process numbers are given out again. */
export interface ProcessMark {
  readonly pid: number;
  /** Ticks after the boot. */
  readonly startedAtTicks: number;
  readonly bootId: string;
}

/** `undefined` where the system has no `/proc`. */
export function thisProcess(): ProcessMark | undefined {
  return markOf('self');
}

/** Whether the process still works, seen from here: in another container it is not. */
export function isAtWork(mark: ProcessMark): boolean {
  const found = markOf(String(mark.pid));
  return found !== undefined && found.startedAtTicks === mark.startedAtTicks && found.bootId === mark.bootId;
}

function markOf(name: string): ProcessMark | undefined {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
    // The name of the program stands in parentheses and may hold anything.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Ended, and its parent has not asked for its exit code yet.
    if (state === 'Z' || state === 'X') return undefined;
    return { pid: Number.parseInt(stat, 10), startedAtTicks: Number(fields[18]), bootId };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
