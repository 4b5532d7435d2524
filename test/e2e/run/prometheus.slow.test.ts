import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { freePort } from '../../../bench/servers/loopback.ts';
import { failure } from '../../../src/simulator/simulated-answers.ts';
import { ALERT_QUERIES, DASHBOARD_QUERIES } from '../../support/deployed-queries.ts';
import { makeIds, withPurgeProcesses } from '../../support/purge/purge.ts';
import { HAS_PROMETHEUS, TestPrometheus } from '../../support/servers/prometheus.ts';
import { createGate } from '../../support/purge/traffic.ts';

const DEPLOYED = fileURLToPath(new URL('../../../deploy/prometheus', import.meta.url));
const SENT_BEFORE_THE_GATE = 20;

/** As Grafana fills them in. */
const asked = (query: string): string => query.replaceAll(/\$(?:instance|purge)/g, '.*').replaceAll('$__rate_interval', '1m');

describe.runIf(HAS_PROMETHEUS)('a real Prometheus', () => {
  it('scrapes a run, and answers every query of alerts and dashboard', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(100));
      const gate = createGate();
      const troubles = [failure(500, 1000, 'Internal error')];
      bench.simulator.override(async ({ seq, method }) => {
        if (seq > SENT_BEFORE_THE_GATE) await gate.opened;
        return method === 'DELETE' ? troubles.shift() : undefined;
      });
      const target = `127.0.0.1:${await freePort()}`;
      const running = bench.startDelete(['--metrics-listen', target, '--metrics-file', 'night.prom']);
      await using prometheus = await TestPrometheus.start(bench.folder, target, `${DEPLOYED}/alerts.yml`);

      const [pending] = await prometheus.untilThereIs('images_purge_pending > 0 and images_purge_pending < 100');
      expect(pending?.metric).toMatchObject({ job: 'images-purge', instance: target, purge: 'night' });
      expect(await prometheus.untilThereIs('images_purge_lane_state{state="sending"} == 1')).toHaveLength(1);
      // Two scrapes make a rate.
      await prometheus.untilThereIs('rate(images_purge_requests_total[1m])');
      for (const query of [...ALERT_QUERIES, ...DASHBOARD_QUERIES]) {
        const { status, error } = await prometheus.query(asked(query));
        expect({ query, status, error }).toEqual({ query, status: 'success', error: undefined });
      }
      for (const query of DASHBOARD_QUERIES.filter((text) => !/_last_|_warnings_|_answers_per_second/.test(text))) {
        expect((await prometheus.query(asked(query))).data.result, query).not.toEqual([]);
      }

      gate.open();
      expect((await running.finished).exitCode).toBe(0);
    }));

  it('takes a metrics file, the rules and what they are tested with', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      expect((await bench.delete(['--metrics-file', 'a.prom'])).exitCode).toBe(0);
      const checked = spawnSync('promtool', ['check', 'metrics'], { input: bench.read('a.prom'), encoding: 'utf8' });
      expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
      for (const args of [
        ['check', 'config', 'prometheus.yml'],
        ['check', 'rules', 'alerts.yml'],
        ['test', 'rules', 'alerts.test.yml'],
      ]) {
        const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: DEPLOYED, encoding: 'utf8' });
        expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
      }
    }));
});
