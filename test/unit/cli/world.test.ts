import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { realWorld } from '../../../src/cli/world.ts';
import { realClock } from '../../../src/run/real-clock.ts';

describe('the world as it is', () => {
  const world = realWorld(process);
  let folder = '';
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'images-purge-world-')));
    writeFileSync(join(folder, 'there'), 'text');
    symlinkSync(join(folder, 'there'), join(folder, 'link'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('follows links; what is not there yet is taken beside what its folder leads to', () => {
    expect(world.realPath(join(folder, 'link'))).toBe(join(folder, 'there'));
    expect(world.realPath(join(folder, 'new'))).toBe(join(folder, 'new'));
    expect(world.realPath(join(folder, 'no', 'such', 'file'))).toBe(join(folder, 'no', 'such', 'file'));
    expect(world.readTextFile(join(folder, 'link'))).toBe('text');
  });

  it.skipIf(!existsSync('/dev/shm'))('a device leads nowhere that a file lies; a file in /dev/shm does, there already or not', () => {
    const shared = mkdtempSync('/dev/shm/images-purge-world-');
    try {
      writeFileSync(join(shared, 'there'), 'text');
      symlinkSync('/dev/null', join(shared, 'null'));
      expect(['there', 'new', 'null'].map((name) => world.realPath(join(shared, name)))).toEqual([
        join(shared, 'there'),
        join(shared, 'new'),
        undefined,
      ]);
    } finally {
      rmSync(shared, { recursive: true });
    }
  });

  it('has a terminal or none, and gives it back', () => {
    const terminal = world.openTerminal();
    terminal?.close();
    expect(terminal === undefined || terminal.input !== undefined).toBe(true);
  });

  it('takes its arguments, environment and streams from the process', () => {
    expect([world.args, world.cwd, world.stdin()]).toEqual([process.argv.slice(2), process.cwd(), process.stdin]);
    expect(world.random()).toBeLessThan(1);
  });

  it('hears of signals, and runs what is to happen later', async () => {
    const before = process.listenerCount('SIGHUP');
    const listener = (): void => undefined;
    world.onSignal('SIGHUP', listener);
    expect(process.listenerCount('SIGHUP')).toBe(before + 1);
    process.off('SIGHUP', listener);
    await new Promise<void>((resolve) => {
      world.afterMs(1, resolve);
      setTimeout(() => undefined, 1_000).unref();
    });
  });

  it('sleeps as long as it is told, or until it is woken', async () => {
    const clock = realClock();
    const startMs = clock.monotonicMs();
    await clock.sleep(20);
    expect(clock.monotonicMs() - startMs).toBeGreaterThan(18);
    const woken = new AbortController();
    setTimeout(() => woken.abort(), 5);
    await clock.sleep(60_000, woken.signal);
    await clock.sleep(60_000, woken.signal);
    expect(clock.monotonicMs() - startMs).toBeLessThan(30_000);
    expect(clock.boot()?.uptimeMs ?? 1).toBeGreaterThan(0);
    expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(1_000);
  });
});
