import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createRedact } from '../../../src/text/redact.ts';
import { type Log, type LogOptions, openLog } from '../../../src/observe/log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-purge-log-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function opened(options: Partial<LogOptions> = {}): { log: Log; stderr: string[] } {
  const stderr: string[] = [];
  const log = openLog({
    level: 'info',
    filePath: undefined,
    writeStderr: (text) => stderr.push(text),
    isTerminal: false,
    hasColors: false,
    redact: (text) => text,
    ...options,
  });
  return { log, stderr };
}

function records(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('is one JSON object a line, with level, time and event, and without process or host', () => {
    const { log, stderr } = opened();
    log.logger.warn({ event: 'lane.throttled', waitMs: 18_000, message: undefined });
    expect(stderr).toHaveLength(1);
    expect(stderr[0]).toMatch(
      /^\{"level":"warn","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","event":"lane\.throttled","waitMs":18000\}\n$/,
    );
  });

  it('leaves out what is under its level, and everything where it is silent', () => {
    const { log, stderr } = opened({ level: 'warn' });
    log.logger.info({ event: 'not heard' });
    log.logger.error({ event: 'heard' });
    const silent = opened({ level: 'silent' });
    silent.log.logger.fatal({ event: 'not heard' });
    expect(records(stderr.join('')).map(({ event }) => event)).toEqual(['heard']);
    expect(silent.stderr).toEqual([]);
  });

  it('keeps control characters of an ID from the terminal, in JSON and in sentences', () => {
    const event = { event: 'item.failed', id: 'a\u001b[2J\nb\u202e', httpStatus: 400, message: 'x\r' };
    const json = opened();
    json.log.logger.warn(event);
    const pretty = opened({ isTerminal: true });
    pretty.log.logger.warn(event);
    // oxlint-disable-next-line no-control-regex -- what is looked for is a control character
    expect(json.stderr[0]?.trimEnd()).not.toMatch(/[\u0000-\u001f]/);
    expect(pretty.stderr).toHaveLength(1);
    expect(pretty.stderr[0]).toMatch(/^ \d\d:\d\d:\d\d {2}failed a\\u\{1b\}\[2J\\u\{a\}b\\u\{202e\}: 400 x\\u\{d\}\n$/);
  });

  it('opens no new file for what goes to stderr, so there is nothing to open again', () => {
    const { log } = opened();
    expect(log.reopen).toBeUndefined();
    log.close();
  });
});

describe('secrets', () => {
  const redact = createRedact(new Set(['tok"en\\42', 'key-one-1']));

  it('are taken out wherever they slipped in', () => {
    const { log, stderr } = opened({ redact });
    log.logger.info({ event: 'x', where: { deep: ['tok"en\\42 and key-one-1'] }, 'key-one-1': 1 });
    expect(records(stderr.join(''))).toMatchObject([{ where: { deep: ['[redacted] and [redacted]'] }, '[redacted]': 1 }]);
  });

  it('are taken out of sentences', () => {
    const { log, stderr } = opened({ isTerminal: true, redact });
    log.logger.warn({ event: 'warning', message: 'the key key-one-1 is "old"' });
    expect(stderr.join('')).toMatch(/the key \[redacted\] is "old"\n$/);
  });

  it('never reach the log under their own names, known or not', () => {
    const { log, stderr } = opened();
    log.logger.info({ event: 'x', token: 'a1', headers: { authorization: 'a2' }, request: { headers: ['a3'], apiKey: 'a4' } });
    expect(stderr.join('')).not.toMatch(/a[1-4]/);
  });
});

describe('a log file', () => {
  it('is private, appended to, JSON even on a terminal, and keeps stderr quiet', () => {
    const path = join(folder, 'run.log');
    for (const event of ['first', 'second']) {
      const { log, stderr } = opened({ filePath: path, isTerminal: true, redact: createRedact(new Set(['a-secret'])) });
      log.logger.info({ event, value: 'the a-secret' });
      log.close();
      log.close();
      expect(stderr).toEqual([]);
    }
    expect(records(readFileSync(path, 'utf8'))).toMatchObject([{ event: 'first', value: 'the [redacted]' }, { event: 'second' }]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('renamed by a rotation is opened again under its name', () => {
    const path = join(folder, 'run.log');
    const { log } = opened({ filePath: path });
    log.logger.info({ event: 'before' });
    renameSync(path, `${path}.1`);
    log.logger.info({ event: 'between' });
    log.reopen?.();
    log.logger.info({ event: 'after' });
    log.close();
    expect(records(readFileSync(`${path}.1`, 'utf8')).map(({ event }) => event)).toEqual(['before', 'between']);
    expect(records(readFileSync(path, 'utf8')).map(({ event }) => event)).toEqual(['after']);
  });

  it('that cannot be opened warns once, and nothing is thrown', () => {
    const { log, stderr } = opened({ filePath: join(folder, 'no-such-folder', 'run.log') });
    log.logger.info({ event: 'x' });
    log.reopen?.();
    log.logger.info({ event: 'y' });
    log.close();
    expect(stderr).toHaveLength(1);
    expect(stderr[0]).toMatch(/^warning: the log .*run\.log cannot be written \(ENOENT.*\); the run goes on without it\n$/);
  });

  it('on a full disk warns once, and nothing is thrown', () => {
    const { log, stderr } = opened({ filePath: '/dev/full' });
    log.logger.info({ event: 'x' });
    log.logger.info({ event: 'y' });
    log.close();
    expect(stderr).toHaveLength(1);
    expect(stderr[0]).toContain('ENOSPC');
  });

  it('that is a folder warns, and the folder is left as it was', () => {
    const { log, stderr } = opened({ filePath: folder });
    log.logger.info({ event: 'x' });
    log.close();
    expect(stderr[0]).toContain('EISDIR');
    expect(statSync(folder).isDirectory()).toBe(true);
  });
});
