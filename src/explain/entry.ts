import type { ExitCode } from '../domain/errors.ts';

/** What is said of one code. Options, variables, files and commands stand between backticks, as in Markdown. */
export interface Entry {
  /** What happened, one sentence without its full stop. */
  readonly title: string;
  /** The exit codes that it ends a command with; none: it is a warning, and the run goes on. */
  readonly exits: readonly ExitCode[];
  /** Why it is so, and why images-purge stops or warns there. */
  readonly cause: string;
  /** What to do, the likeliest first. */
  readonly steps: readonly string[];
}

/** Codes that belong together, under one heading of the page. */
export interface EntryGroup {
  readonly heading: string;
  /** Code → what is said of it. */
  readonly entries: Readonly<Record<string, Entry>>;
}
