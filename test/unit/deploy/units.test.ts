import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { deployedText } from '../../support/deploy/kustomized.ts';
import { HAS_SYSTEMD_ANALYZE } from '../../support/machine/systemd.ts';

const UNITS = ['images-purge.service', 'images-purge.timer'];

it.skipIf(!HAS_SYSTEMD_ANALYZE)('systemd finds nothing wrong with service and timer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-units-'));
  try {
    const verify = (change: (text: string) => string): string => {
      // It looks whether the program is there.
      for (const name of UNITS) {
        const text = deployedText(`systemd/${name}`).replace('/usr/bin/images-purge', process.execPath);
        writeFileSync(join(folder, name), change(text));
      }
      const done = spawnSync('systemd-analyze', ['verify', '--man=no', ...UNITS.map((name) => join(folder, name))], { encoding: 'utf8' });
      return done.stderr + (done.status === 0 ? '' : `exit ${done.status}`);
    };
    expect(verify((text) => text)).toBe('');
    expect(verify((text) => text.replace('TimeoutStopSec', 'TimeoutStopSecs'))).toContain('TimeoutStopSecs');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
