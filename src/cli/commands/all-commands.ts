import type { Command } from './command.ts';
import { checkCommand } from './check.ts';
import { completionCommand } from './completion.ts';
import { deleteCommand } from './delete.ts';
import { explainCommand } from './explain.ts';
import { listCommand } from './list.ts';
import { planCommand } from './plan.ts';
import { reportCommand } from './report.ts';
import { restoreCommand } from './restore.ts';
import { resumeCommand } from './resume.ts';
import { simulateCommand } from './simulate.ts';
import { statusCommand } from './status.ts';
import { verifyCommand } from './verify.ts';

/** Every command, in the order of help. */
export const COMMANDS: readonly Command[] = [
  deleteCommand,
  planCommand,
  resumeCommand,
  statusCommand,
  reportCommand,
  verifyCommand,
  checkCommand,
  explainCommand,
  listCommand,
  restoreCommand,
  simulateCommand,
  completionCommand(() => COMMANDS),
];
