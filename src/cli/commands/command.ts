import type { OptionKey, OwnDefaults } from '../../options/option-table.ts';
import type { Taken } from '../../options/taken.ts';
import type { Invocation } from '../invocation.ts';

/** One command: what the command line and help know about it, and what it does. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** What follows the command; `name` as help shows it: `<file>`, or `<file...>` for several. */
  readonly argument: { readonly name: string; readonly help: string; readonly takes: Taken } | undefined;
  /** Those it takes. Help shows them in the order of the option table. */
  readonly options: readonly OptionKey[];
  /** Defaults of its own, as a person would write them. */
  readonly defaults?: OwnDefaults;
  readonly examples: readonly string[];
  /** It sends requests: help tells about credentials and exit codes, too. */
  readonly needsCredentials: boolean;
  /** Resolves with the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>;
}
