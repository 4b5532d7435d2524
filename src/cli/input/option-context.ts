import { usageError } from '../../domain/errors.ts';
import type { ReadTextFile } from './credentials.ts';
import type { OptionValues } from '../../options/option-types.ts';
import type { Env } from '../../options/option-values.ts';
import type { RealPath } from './paths.ts';

/** What options are made from besides the flags themselves. */
export interface OptionContext {
  readonly operands: readonly string[];
  readonly values: OptionValues;
  readonly env: Env;
  readonly cwd: string;
  readonly readTextFile: ReadTextFile;
  readonly realPath: RealPath;
}

/** stdout can carry one of the two only. */
export function refuseTwoOutputs(values: OptionValues): void {
  if (values.report === '-' && values.json) {
    throw usageError('STDOUT_TWICE', '--report - and --json both write to stdout', 'Give the report a file: --report FILE');
  }
}
