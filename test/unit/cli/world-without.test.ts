import type * as fs from 'node:fs';

import { expect, it, vi } from 'vitest';

import { realWorld } from '../../../src/cli/world.ts';
import { realClock } from '../../../src/run/real-clock.ts';

// A machine that names no boot, and whose terminal is none.
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    readFileSync: (path: string, encoding: 'utf8') => {
      if (path === '/proc/sys/kernel/random/boot_id') throw Object.assign(new Error('ENOENT'), { errno: -2 });
      return real.readFileSync(path, encoding);
    },
    openSync: (path: string, flags: string) => real.openSync(path === '/dev/tty' ? '/dev/null' : path, flags),
  };
});

it('where no boot is named, none is told', () => expect(realClock().boot()).toBeUndefined());

it('a terminal that is none is a defect, and is closed again', () => expect(() => realWorld(process).openTerminal()).toThrow());
