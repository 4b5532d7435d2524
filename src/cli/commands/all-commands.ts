import type { Command } from './command.ts';
import { deleteCommand } from './delete.ts';
import { listCommand } from './list.ts';
import { planCommand } from './plan.ts';
import { reportCommand } from './report.ts';
import { resumeCommand } from './resume.ts';
import { simulateCommand } from './simulate.ts';
import { statusCommand } from './status.ts';

/** Every command, in the order of help. */
export const COMMANDS: readonly Command[] = [
  deleteCommand,
  planCommand,
  resumeCommand,
  statusCommand,
  reportCommand,
  listCommand,
  simulateCommand,
];
