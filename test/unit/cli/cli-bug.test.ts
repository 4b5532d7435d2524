import { describe, expect, it } from 'vitest';

import { runCli } from '../../../src/cli/run.ts';
import { testWorld, TOKEN } from '../../support/cli/cli-world.ts';

describe('what nobody has caught', () => {
  it('is told without secrets, and the process ends with 70, not with the 1 of "some failed"', async () => {
    const world = testWorld(['--version']);
    await runCli(world);
    world.bug(Object.assign(new Error(`thrown late, with ${TOKEN}`), { request: { token: TOKEN } }));
    expect(world.exits).toEqual([70]);
    expect(world.stderr.text).toContain('a defect in images-purge');
    expect(world.stderr.text).toContain('thrown late, with [redacted]');
    expect(world.stderr.text).not.toContain(TOKEN);
  });
});
