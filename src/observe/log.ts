import { closeSync, openSync, writeSync } from 'node:fs';
import pino, { type Logger } from 'pino';

import { escapeForTerminal, escapeInJson } from '../domain/escape.ts';
import { prettyLine } from './pretty.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** `undefined`: stderr. */
  readonly filePath: string | undefined;
  /** Writes to stderr; lines for a person go around the progress bar. */
  readonly writeStderr: (text: string) => void;
  /** JSON elsewhere, lines for a person on a terminal. */
  readonly isTerminal: boolean;
  readonly hasColors: boolean;
  /** Replaced wherever they occur, whatever let them slip in. */
  readonly secrets: ReadonlySet<string>;
}

export interface Log {
  readonly logger: Logger;
  /** Opens the log file again, after it has been rotated; `undefined` where the log goes to stderr. */
  readonly reopen: (() => void) | undefined;
  close(): void;
}

/** A log whose writing never stops a run: a file that cannot be written warns once, and the run goes on. */
export function openLog(options: LogOptions): Log {
  const { level, filePath, writeStderr, isTerminal, hasColors } = options;
  // The longest first: one may hold another, and half of it must not be left standing.
  const longestFirst = (): string[] => [...options.secrets].filter((secret) => secret !== '').toSorted((a, b) => b.length - a.length);
  let secrets = longestFirst();
  let knownCount = options.secrets.size;
  const file = filePath === undefined ? undefined : openLogFile(filePath, writeStderr);
  // A log is read in a terminal sooner or later: JSON itself leaves C1 controls and marks that reorder as they are.
  const shown = (line: string): string => (isTerminal ? redactText(prettyLine(line, hasColors), secrets) : escapeInJson(redactText(line, secrets)));
  // Redacted last: a line with a hole in it might be JSON no more.
  const write = (line: string): void => {
    // A run comes to hold more of them: batch tokens.
    if (options.secrets.size !== knownCount) secrets = longestFirst();
    knownCount = options.secrets.size;
    if (file === undefined) writeStderr(shown(line));
    else file.write(escapeInJson(redactText(line, secrets)));
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['token', 'apiKey', 'key', 'authorization', 'headers', '*.token', '*.apiKey', '*.key', '*.authorization', '*.headers'], censor: '[redacted]' },
    },
    { write },
  );
  return { logger, reopen: file?.reopen, close: () => file?.close() };
}

/** Belt and braces: no secret of this run leaves through a log, in whatever field it stands. */
export function redactText(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) safe = safe.replaceAll(JSON.stringify(secret).slice(1, -1), '[redacted]').replaceAll(secret, '[redacted]');
  return safe;
}

interface LogFile {
  readonly write: (line: string) => void;
  readonly reopen: () => void;
  readonly close: () => void;
}

function openLogFile(path: string, writeStderr: (text: string) => void): LogFile {
  let fd: number | undefined;
  let hasWarned = false;

  function warnOnce(error: unknown): void {
    if (hasWarned) return;
    hasWarned = true;
    const cause = error instanceof Error ? error.message : String(error);
    writeStderr(`${escapeForTerminal(`warning: the log ${path} cannot be written (${cause}); the run goes on without it`)}\n`);
  }

  function open(): void {
    try {
      fd = openSync(path, 'a', 0o600);
    } catch (error) {
      warnOnce(error);
    }
  }

  function close(): void {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  }

  open();
  return {
    write(line) {
      if (fd === undefined) return;
      try {
        // A line may go out in pieces: to a pipe, or where the disk is nearly full.
        const bytes = Buffer.from(line);
        for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      } catch (error) {
        warnOnce(error);
      }
    },
    reopen() {
      close();
      open();
    },
    close,
  };
}
