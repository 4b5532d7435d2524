import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

const IDS = makeIds(5);
/** Keeps what it is told. */
const KEEP = 'cat > told.json; env | sort > told.env; echo said';

function toldEnv(bench: PurgeBench): ReadonlyMap<string, string> {
  const lines = bench.read('told.env').split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

describe('the command of --on-end', () => {
  it('is told by variables and by the JSON on its stdin, knows no credentials, and writes nothing on stdout', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      // As a process of its own: what its command writes goes to its stderr itself.
      const { finished } = bench.start(bench.deleteArgs('ids.csv', '--json', '--on-end', KEEP), {
        env: { CLOUDFLARE_EMAIL: 'me@example.com', HTTPS_PROXY: 'http://user:pa55word@127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' },
      });
      const result = await finished;
      expect(result.exitCode).toBe(0);
      expect(bench.read('told.json')).toBe(result.stdout);
      expect(JSON.parse(result.stdout)).toMatchObject({ state: 'finished', outcomes: { deleted: 5 }, exitCode: 0 });
      expect(result.stderr).toMatch(/^said$/m);
      const env = toldEnv(bench);
      const told = ['EXIT_CODE', 'STATE', 'CHECKPOINT', 'ON_END'].map((name) => env.get(`IMAGES_PURGE_${name}`));
      expect(told).toEqual(['0', 'finished', bench.path('ids.csv.checkpoint'), undefined]);
      expect(['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_EMAIL', 'HTTPS_PROXY'].filter((name) => env.has(name))).toEqual([]);
      expect(env.get('HTTP_PROXY')).toBe('http://127.0.0.1:9');
    }));

  it('runs after a guard has refused too, given by its variable, and not for one that was never begun', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      const env = { IMAGES_PURGE_ON_END: KEEP };
      const refused = await bench.delete(['--min-ids', '6', '--json'], { env });
      expect(refused.exitCode).toBe(7);
      expect(bench.read('told.json')).toBe(refused.stdout);
      expect(toldEnv(bench).get('IMAGES_PURGE_EXIT_CODE')).toBe('7');
      expect(bench.deleteCount).toBe(0);
      bench.write('told.json', '');
      expect((await bench.delete(['--rate', 'often'], { env })).exitCode).toBe(2);
      expect(bench.read('told.json')).toBe('');
    }));

  it.each([
    ['exit 3', 'ended with exit code 3'],
    ['no-such-command', 'ended with exit code 127'],
    ['kill -KILL $$', 'was ended by SIGKILL'],
  ])('that fails (%s) is a warning, and the run went as it went', (command, says) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      const result = await bench.delete(['--on-end', command]);
      expect(result.exitCode).toBe(0);
      expect(result.stderr).toContain(`warning: the command of --on-end ${says}\n`);
    }),
  );

  it('stands in the command that goes on', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      const result = await bench.delete(['--limit', '2', '--on-end', KEEP]);
      expect(result.exitCode).toBe(8);
      expect(toldEnv(bench).get('IMAGES_PURGE_STATE')).toBe('unfinished');
      expect(result.stderr).toContain(`--on-end '${KEEP}'`);
    }));
});
