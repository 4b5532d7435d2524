import { spawn } from 'node:child_process';

export interface ShellCommand {
  readonly command: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What it can read from its stdin. */
  readonly input: string;
  /** It is killed once this aborts, with all it has started. */
  readonly overdue: AbortSignal;
}

/** How it ended; `failed`: it could not be started. */
export type ShellEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'failed'; readonly why: string };

export type RunShell = (command: ShellCommand) => Promise<ShellEnd>;

/** Runs a command by the shell to its end. What it writes goes to stderr: stdout is for results. */
export function shellRunner(own: Pick<NodeJS.Process, 'kill' | 'once' | 'off'>): RunShell {
  return ({ command, env, cwd, input, overdue }) =>
    new Promise((resolve) => {
      // In a process group of its own, so that all of it can be ended.
      const child = spawn('sh', ['-c', command], { env, cwd, detached: true, stdio: ['pipe', 2, 2] });
      const killAll = (): void => {
        try {
          if (child.pid !== undefined) own.kill(-child.pid, 'SIGKILL');
        } catch {
          // All of it has ended meanwhile.
        }
      };
      const end = (how: ShellEnd): void => {
        overdue.removeEventListener('abort', killAll);
        own.off('exit', killAll);
        resolve(overdue.aborted ? { kind: 'overdue' } : how);
      };
      overdue.addEventListener('abort', killAll, { once: true });
      own.once('exit', killAll);
      child.once('error', ({ message }) => end({ kind: 'failed', why: message }));
      child.once('exit', (exitCode, signal) =>
        end(signal === null ? { kind: 'exited', exitCode: exitCode ?? 0 } : { kind: 'killed', signal }),
      );
      // Many commands read nothing.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
      if (overdue.aborted) killAll();
    });
}
