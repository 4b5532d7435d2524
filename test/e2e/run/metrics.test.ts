import { once } from 'node:events';
import { connect } from 'node:net';

import { expect, it } from 'vitest';

import { freePort } from '../../../bench/servers/loopback.ts';
import { METRICS } from '../../../src/observe/metrics/metric-list.ts';
import { failure, throttled } from '../../../src/simulator/simulated-answers.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';
import { createGate, eventsOf } from '../../support/purge/traffic.ts';

/** Names of metrics, with the value where there is one without labels but that of the file. */
function metricsIn(text: string): ReadonlyMap<string, number | undefined> {
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  return new Map(
    names.map((name) => {
      const value = new RegExp(`^${name}(?:\\{purge="[^"]*"\\})? (\\S+)$`, 'm').exec(text)?.[1];
      return [name, value === undefined ? undefined : Number(value)];
    }),
  );
}

const metricsFile = (bench: PurgeBench): ReadonlyMap<string, number | undefined> => metricsIn(bench.read('night.prom'));

it('--metrics-file holds every metric there is after a run in trouble, and the last success outlives later failures', () =>
  withPurge({ rules: { poisonIds: [], refusedIds: ['image-000005'], firewallIds: [] } }, async (bench) => {
    const file = ['--metrics-file', 'night.prom'];
    bench.writeIds('ids.csv', [...makeIds(8), '“image-9']);
    const troubles = [throttled(1), failure(500, 1000, 'Internal error')];
    bench.simulator.override(({ method }) => (method === 'DELETE' ? troubles.shift() : undefined));
    const failed = await bench.delete(file);
    expect(failed.exitCode).toBe(1);
    const after = metricsFile(bench);
    expect([...after.keys(), 'images_purge_last_success_timestamp_seconds'].toSorted()).toEqual(Object.keys(METRICS).toSorted());
    expect(Object.fromEntries(after)).toMatchObject({
      images_purge_running: 0,
      images_purge_accepted: 9,
      images_purge_pending: 0,
      images_purge_requests_total: summaryOf(failed).run['requests'],
      images_purge_last_exit_code: 1,
    });

    bench.writeIds('more.csv', makeIds(3, 'more'));
    const rehearsed = await bench.run(bench.deleteArgs('more.csv', '--dry-run', ...file));
    expect([rehearsed.exitCode, metricsFile(bench).get('images_purge_last_exit_code')]).toEqual([0, 1]);
    expect((await bench.run(bench.deleteArgs('more.csv', ...file))).exitCode).toBe(0);
    const success = metricsFile(bench).get('images_purge_last_success_timestamp_seconds');
    expect(success).toBeGreaterThan(1e9);

    const refused = await bench.run(bench.deleteArgs('ids.csv', '--checkpoint', 'c', '--max-deletes', '1', ...file));
    expect(refused.exitCode).toBe(7);
    expect(Object.fromEntries(metricsFile(bench))).toMatchObject({
      images_purge_last_exit_code: 7,
      images_purge_last_success_timestamp_seconds: success,
    });

    // A file that is a list, by its own name or another, is not replaced.
    const list = bench.read('more.csv');
    const { deleteCount } = bench;
    for (const other of ['ids.csv', 'more.csv']) {
      const { exitCode, stderr } = await bench.delete(['--checkpoint', 'd', '--metrics-file', other]);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/PATH_TWICE|METRICS_FILE_TAKEN/);
    }
    expect([bench.read('more.csv'), bench.deleteCount]).toEqual([list, deleteCount]);
  }));

it('--metrics-listen serves a run while it works and keeps nothing alive; a port that is taken is found before anything is sent', () =>
  withPurgeProcesses({}, async (bench) => {
    bench.writeIds('ids.csv', makeIds(40));
    const gate = createGate();
    const allHeld = createGate();
    bench.simulator.override(async ({ seq }) => {
      if (seq === 14) allHeld.open();
      if (seq > 10) await gate.opened;
      return undefined;
    });
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const running = bench.startDelete(['--metrics-listen', `:${port}`, '--metrics-file', 'night.prom', '--concurrency', '4']);
    await allHeld.opened;

    const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`http://${address}${path}`, init);
    const answer = await ask('/metrics');
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    const text = await answer.text();
    expect(text).toContain('images_purge_lane_state{lane="account",state="sending",purge="night"} 1');
    expect(metricsIn(text).get('images_purge_in_flight')).toBe(4);
    expect(await (await ask('/healthz')).text()).toBe('ok\n');
    expect([(await ask('/')).status, (await ask('/metrics', { method: 'POST', body: 'a' })).status]).toEqual([404, 405]);
    // Prometheus keeps its connection.
    const kept = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(kept, 'connect');

    bench.writeIds('other.csv', makeIds(3));
    const { requestCount } = bench.simulator.record;
    const taken = await bench.run(bench.deleteArgs('other.csv', '--allow-parallel', '--json', '--metrics-listen', address));
    expect(taken.exitCode).toBe(2);
    expect(JSON.parse(taken.stdout)).toMatchObject({ error: { code: 'METRICS_LISTEN', message: expect.stringContaining('EADDRINUSE') } });
    expect(bench.simulator.record.requestCount).toBe(requestCount);

    running.child.kill('SIGTERM');
    await running.waitForStderr(/"event":"stopping"/);
    gate.open();
    const stopped = await running.finished;
    expect(stopped.exitCode).toBe(143);
    expect(eventsOf(stopped.stderr, 'metrics.listening')).toMatchObject([{ address }]);
    expect(Object.fromEntries(metricsFile(bench))).toMatchObject({
      images_purge_running: 0,
      images_purge_last_exit_code: 143,
      images_purge_pending: summaryOf(stopped).pending,
    });
  }));
