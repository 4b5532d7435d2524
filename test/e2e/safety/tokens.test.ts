import { describe, expect, it } from 'vitest';

import { failure } from '../../../src/simulator/simulated-answers.ts';
import { summaryOf, withPurge } from '../../support/purge/purge.ts';
import { eventsOf } from '../../support/purge/traffic.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r';
const THEIRS = ['cfat_somebodyelses0123456789', 'cfut_somebodyelses0123456789', 'cfk_somebodyelses0123456789', JWT];
/** Anyone who uploads an image chooses its ID. */
const IDS = ['cfut_animage0123456789', 'cfk_animage0123456789', 'eyJhbmlt.eyJpdCI6.animage01234'];

function expectNoToken(text: string): void {
  for (const token of THEIRS) expect(text).not.toContain(token);
}

describe('a token that is nobody’s here', () => {
  it('is taken out of what the API says of an ID, in report, log, status and --json; IDs spelled like tokens stay as they are', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      bench.simulator.override(({ method }) => (method === 'DELETE' ? failure(400, 5400, `not with ${THEIRS.join(' or ')}`) : undefined));
      const planned = await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      for (const id of IDS) expect(planned.stderr).toContain(id);
      const result = await bench.run(['delete', 'ids.csv', '--yes', '--json', '--base-url', bench.simulator.url]);
      expect(result.exitCode).toBe(1);
      const redacted = `not with ${THEIRS.map(() => '[redacted]').join(' or ')}`;
      expect(bench.report().map(({ id, message }) => [id, message])).toEqual(expect.arrayContaining(IDS.map((id) => [id, redacted])));
      const logged = eventsOf(result.stderr, 'item.failed').map(({ id, message }) => [id, message]);
      expect(logged).toEqual(expect.arrayContaining(IDS.map((id) => [id, redacted])));
      const status = await bench.run(['status', 'ids.csv.checkpoint']);
      const asJson = await bench.run(['status', 'ids.csv.checkpoint', '--json']);
      expect(status.stdout + asJson.stdout).toContain('[redacted]');
      expectNoToken([result.stdout, result.stderr, status.stdout, asJson.stdout, bench.read('ids.csv.checkpoint.report.ndjson')].join());
    }));

  it('is taken out of what the API says to a run that it stops', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      bench.simulator.override(({ method }) => (method === 'DELETE' ? failure(403, 10000, `no: ${THEIRS.join()}`) : undefined));
      const result = await bench.delete();
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('"no: [redacted],[redacted],[redacted],[redacted]"');
      expect(summaryOf(result)).toMatchObject({ error: { message: expect.stringContaining('[redacted]') as string }, pending: 3 });
      expectNoToken(result.stdout + result.stderr);
    }));
});

describe('credentials that cannot be meant', () => {
  it.each([
    [{ CLOUDFLARE_API_TOKEN: '"sentinel-quoted"' }, 'CLOUDFLARE_API_TOKEN holds quotes around the credential', 'docker --env-file'],
    [{ CLOUDFLARE_API_TOKEN: 'sentinel-in\u0007side' }, 'CLOUDFLARE_API_TOKEN holds a space, a control character', 'one line'],
    [{ CLOUDFLARE_API_TOKEN: 'cfk_sentinel-key' }, 'CLOUDFLARE_API_TOKEN holds a global API key (cfk_…)', 'as CLOUDFLARE_API_KEY'],
    [
      { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_EMAIL: 'sentinel-me@example.com', CLOUDFLARE_API_KEY: 'cfat_sentinel-token' },
      'CLOUDFLARE_API_KEY holds an API token (cfat_…)',
      'as CLOUDFLARE_API_TOKEN, and unset CLOUDFLARE_API_KEY',
    ],
  ])('%j: exit 2 with variable, cause and next step, before anything is read or sent', (env, cause, nextStep) =>
    withPurge({}, async (bench) => {
      const result = await bench.run(['delete', 'no-such.csv', '--yes', '--base-url', bench.simulator.url], { env });
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain(cause);
      expect(result.stderr).toContain(nextStep);
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );
});
