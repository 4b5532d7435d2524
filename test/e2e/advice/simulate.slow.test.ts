import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { SIMULATOR_DEFAULTS } from '../../../src/simulator/simulator-options.ts';
import { shellWord } from '../../../src/text/shell-word.ts';
import { startCli, TEST_TOKEN, withFolder } from '../../support/cli/cli.ts';
import { pasted } from '../../support/cli/pasted.ts';

const HINT = /In another terminal:\n((?: {2}.*\n)+)/;

it.each([
  ['the very same token', { CLOUDFLARE_API_TOKEN: SIMULATOR_DEFAULTS.apiToken }],
  ['another token', { CLOUDFLARE_API_TOKEN: TEST_TOKEN }],
  ['the name of a file that holds one', { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_API_TOKEN_FILE: '/run/secrets/token' }],
])('what simulate prints can be pasted as it is where its own environment and the other terminal’s hold %s', (_, env) =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'ids.csv'), 'id\na\nb\n');
    const simulator = startCli(['simulate'], { cwd: folder, env });
    let printed = '';
    simulator.child.stderr?.on('data', (text: string) => (printed += text));
    try {
      await simulator.waitForStderr(HINT);
      const hint = HINT.exec(printed)?.[1] ?? '';
      expect(hint).toContain(`CLOUDFLARE_API_TOKEN=${SIMULATOR_DEFAULTS.apiToken}\n`);
      const given = { ...env, IMAGES_PURGE_YES: '1', IMAGES_PURGE_RATE: 'unlimited' };
      const deleted = await pasted(`cd ${shellWord(folder)}\n${hint}`, { env: given });
      expect(deleted.stderr).toContain('2 of 2 IDs deleted');
      expect(deleted.exitCode).toBe(0);
    } finally {
      simulator.child.kill('SIGTERM');
    }
    expect((await simulator.finished).stderr).toContain('2 images deleted');
  }),
);
