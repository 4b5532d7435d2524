import { closeSync, openSync, writeSync } from 'node:fs';
import pino, { type Logger } from 'pino';

import { escapeForTerminal, escapeInJson } from '../text/escape.ts';
import type { Redact } from '../text/redact.ts';
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
  /** A second safeguard: no secret of this run leaves through a log, whichever field holds it. */
  readonly redact: Redact;
}

export interface Log {
  readonly logger: Logger;
  /** Opens the log file again, after it has been rotated; `undefined` where the log goes to stderr. */
  readonly reopen: (() => void) | undefined;
  close(): void;
}

/** A log whose writing never stops a run: a file that cannot be written warns once, and the run goes on. */
export function openLog(options: LogOptions): Log {
  const { level, filePath, writeStderr, isTerminal, hasColors, redact } = options;
  const file = filePath === undefined ? undefined : openLogFile(filePath, writeStderr);
  // Logs are read on terminals: JSON itself does not escape C1 controls and marks that reorder text.
  const shown = (line: string): string => (isTerminal ? redact(prettyLine(line, hasColors)) : escapeInJson(redact(line)));
  // Redacted last: a redacted line may no longer be valid JSON.
  const write = (line: string): void => {
    if (file === undefined) writeStderr(shown(line));
    else file.write(escapeInJson(redact(line)));
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['token', 'apiKey', 'key', 'authorization', 'headers', '*.token', '*.apiKey', '*.key', '*.authorization', '*.headers'],
        censor: '[redacted]',
      },
    },
    { write },
  );
  return { logger, reopen: file?.reopen, close: () => file?.close() };
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
        // A line may be written in pieces: to a pipe, or where the disk is nearly full.
        const bytes = Buffer.from(line);
        for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
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
