import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createOutputFile } from '../../../src/report/output-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-purge-output-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('an output file', () => {
  it('appears under its name only when it is complete, private, with nothing beside it', async () => {
    const path = join(folder, 'out.csv');
    writeFileSync(path, 'old\n');
    const file = await createOutputFile(path, 'overwrite');
    await file.write('one\n');
    await file.write('two\n');
    expect(readFileSync(path, 'utf8')).toBe('old\n');
    expect(file.canBeginAgain()).toBe(true);
    await file.complete();
    expect(file.canBeginAgain()).toBe(false);
    await file.discardIfIncomplete();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('never completed leaves the old one as it was and nothing else', async () => {
    const path = join(folder, 'out.csv');
    writeFileSync(path, 'old\n');
    const file = await createOutputFile(path, 'overwrite');
    await file.write('half');
    await file.discardIfIncomplete();
    expect(readFileSync(path, 'utf8')).toBe('old\n');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('does not take the place of a file that was put there while it was written', async () => {
    const path = join(folder, 'out.csv');
    const file = await createOutputFile(path, { option: '-o' });
    await file.write('ours\n');
    writeFileSync(path, 'theirs\n');
    await expect(file.complete()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS', exitCode: 2 });
    await file.discardIfIncomplete();
    expect(readFileSync(path, 'utf8')).toBe('theirs\n');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('that cannot take its name says so with exit code 5 and leaves nothing behind', async () => {
    const path = join(folder, 'out.csv');
    mkdirSync(join(path, 'full'), { recursive: true });
    const attempt = async (): Promise<void> => {
      const file = await createOutputFile(path, 'overwrite');
      try {
        await file.write('one\n');
        await file.complete();
      } finally {
        await file.discardIfIncomplete();
      }
    };
    await expect(attempt()).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', exitCode: 5 });
    expect(readdirSync(folder)).toEqual(['out.csv']);
    const nowhere = join(folder, 'no-such-folder', 'out.csv');
    await expect(createOutputFile(nowhere, 'overwrite')).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      exitCode: 5,
      message: expect.stringContaining(`${nowhere} cannot be written (ENOENT: no such file or directory, open '${nowhere}.partial-`),
      nextSteps: ['Check the folder, its space and that you may write there, then run the same command.'],
      cause: expect.objectContaining({ code: 'ENOENT' }),
    });
  });

  it('through a symbolic link is written where the link points, and the link stays', async () => {
    const target = join(folder, 'target.csv');
    const link = join(folder, 'link.csv');
    writeFileSync(target, 'old\n');
    symlinkSync(target, link);
    const file = await createOutputFile(link, 'overwrite');
    await file.write('new\n');
    expect(readFileSync(target, 'utf8')).toBe('old\n');
    await file.complete();
    expect(readFileSync(target, 'utf8')).toBe('new\n');
    expect(readdirSync(folder).toSorted()).toEqual(['link.csv', 'target.csv']);
    expect(existsSync(link)).toBe(true);
  });

  it('that is a pipe or a device is written to and never replaced', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const read = text(reader.stdout);
    const file = await createOutputFile(path, 'overwrite');
    expect(file.canBeginAgain()).toBe(false);
    await file.write('one\n');
    await file.complete();
    // The reader is at its end: the pipe is closed by this alone.
    expect(await read).toBe('one\n');
    await file.discardIfIncomplete();
    const left = await createOutputFile('/dev/null', 'overwrite');
    await left.write('one\n');
    await left.discardIfIncomplete();
    expect(statSync(path).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(['pipe']);
  });
});
