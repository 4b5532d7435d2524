import { closeSync, openSync, writeSync } from 'node:fs';
import pino, { type Logger } from 'pino';

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
  readonly secrets: Iterable<string>;
}

export interface Log {
  readonly logger: Logger;
  /** Opens the log file again, after it has been rotated; `undefined` where the log goes to stderr. */
  readonly reopen: (() => void) | undefined;
  close(): void;
}

/** A log whose writing never stops a run: a file that cannot be written warns once, and the run goes on. */
export function openLog(options: LogOptions): Log {
  const secrets = [...options.secrets].filter((secret) => secret !== '');
  const file = options.filePath === undefined ? undefined : openLogFile(options.filePath, options.writeStderr);
  const isPretty = file === undefined && options.isTerminal;
  const write = (line: string): void => {
    const safe = redactText(line, secrets);
    if (file !== undefined) file.write(safe);
    else options.writeStderr(isPretty ? prettyLine(safe, options.hasColors) : safe);
  };
  const logger = pino(
    {
      level: options.level,
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
  for (const secret of secrets) safe = safe.replaceAll(secret, '[redacted]').replaceAll(JSON.stringify(secret).slice(1, -1), '[redacted]');
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
    writeStderr(`warning: the log ${path} cannot be written (${cause}); the run goes on without it\n`);
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
        writeSync(fd, line);
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
