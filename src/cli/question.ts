import { createInterface } from 'node:readline';

import { noTerminalError } from '../run/no-terminal.ts';
import type { AskPerson } from '../run/run-options.ts';
import { planText } from './texts/plan-text.ts';
import type { TerminalInput, World } from './world.ts';

export interface QuestionOptions {
  readonly openTerminal: () => TerminalInput | undefined;
  /** To the person, on stderr. */
  readonly say: (text: string) => void;
  readonly wallMs: () => number;
  /** A bar that repaints itself would overwrite what the person types. */
  readonly pauseProgress: () => void;
}

/**
 * Shows the plan and reads one line from the terminal. A signal ends the waiting with an empty answer: the run looks at
 * its stop signal first. So does the end of input (Ctrl-D), and an empty answer is never a yes.
 */
export function createQuestion(options: QuestionOptions): AskPerson {
  return async (plan, signal) => {
    const terminal = options.openTerminal();
    if (terminal === undefined) throw noTerminalError();
    try {
      options.pauseProgress();
      options.say(planText(plan, options.wallMs()));
      options.say(`Deleting cannot be undone. Type "delete ${plan.toDelete}" to begin: `);
      return (await readLine(terminal.input, signal)).trim();
    } finally {
      terminal.close();
    }
  };
}

/** Whether someone would see a question (stderr is a terminal) and could answer it (the controlling terminal opens). */
export function canAskPerson(world: Pick<World, 'isStderrTerminal' | 'openTerminal'>): boolean {
  if (!world.isStderrTerminal) return false;
  const terminal = world.openTerminal();
  terminal?.close();
  return terminal !== undefined;
}

function readLine(input: NodeJS.ReadableStream, signal: AbortSignal): Promise<string> {
  return new Promise((done) => {
    const lines = createInterface({ input, terminal: false });
    const end = (answer: string): void => {
      signal.removeEventListener('abort', onAbort);
      done(answer);
      lines.close();
    };
    const onAbort = (): void => end('');
    lines.once('line', end);
    lines.once('close', () => end(''));
    // A terminal that hangs up (EIO) has no one behind it any more; readline tells its input's errors as its own.
    lines.once('error', onAbort);
    input.once('error', onAbort);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
