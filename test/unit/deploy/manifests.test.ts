import { describe, expect, it } from 'vitest';

import { EXIT } from '../../../src/domain/errors.ts';
import { SHUTDOWN_MS_MAX } from '../../../src/run/stop-times.ts';
import { BY_SIGNAL, FINAL, TRIED_AGAIN } from '../../support/deploy/exit-codes.ts';
import { kustomized } from '../../support/deploy/kustomized.ts';
import { COMPOSE, FOLDERS, jobOf, unitLines } from '../../support/deploy/workloads.ts';
import { wrongInCompose, wrongInManifest } from '../../support/deploy/schemas.ts';

const numbers = (text: string | undefined): number[] => (text ?? '').split(' ').map(Number);

it('each exit code has its place', () => {
  expect([EXIT.done, ...FINAL, ...BY_SIGNAL, ...TRIED_AGAIN].toSorted((a, b) => a - b)).toEqual(
    Object.values(EXIT).toSorted((a, b) => a - b),
  );
});

describe.each(FOLDERS)('%s', (folder) => {
  const manifests = kustomized(folder);
  const job = jobOf(manifests);
  const pod = job.template.spec;

  it('fits the schemas of Kubernetes, and has no field that they do not know', () => {
    expect(manifests.flatMap(wrongInManifest)).toEqual([]);
  });

  it('does with each exit code what it means', () => {
    const codesOf = (...actions: string[]): number[] =>
      job.podFailurePolicy.rules
        .filter(({ action }) => actions.includes(action))
        .flatMap(({ onExitCodes }) => onExitCodes?.values ?? [])
        .toSorted((a, b) => a - b);
    expect(codesOf('FailJob', 'FailIndex')).toEqual(FINAL);
    expect(codesOf('Ignore')).toEqual(BY_SIGNAL);
    const [first] = job.podFailurePolicy.rules;
    expect(first).toEqual({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] });
    for (const { onExitCodes } of job.podFailurePolicy.rules.slice(1)) {
      expect(onExitCodes).toMatchObject({ containerName: pod.containers[0].name, operator: 'In' });
    }
    expect(pod.restartPolicy).toBe('Never');
  });

  it('is stopped in time, and has no right that it does not need', () => {
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(SHUTDOWN_MS_MAX);
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 10_001,
      fsGroup: 10_001,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('mounts each volume it has, secrets readable by its group alone', () => {
    expect(pod.containers[0].volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
    for (const { secret } of pod.volumes) if (secret !== undefined) expect(secret).toMatchObject({ defaultMode: 0o440 });
  });
});

it('a CronJob starts no second run, and lets a run end by itself before its deadline', () => {
  const manifests = kustomized('kubernetes/base');
  expect(manifests[0]?.spec).toMatchObject({ concurrencyPolicy: 'Forbid' });
  const job = jobOf(manifests);
  const hours = /--max-duration=(\d+)h/.exec(job.template.spec.containers[0].args.join(' '))?.[1];
  expect(job.activeDeadlineSeconds).toBeGreaterThan(Number(hours) * 3_600);
});

it('an Indexed Job has as many pods as shards', () => {
  const job = jobOf(kustomized('kubernetes/sharded'));
  expect(job).toMatchObject({ completionMode: 'Indexed', completions: 4, parallelism: 4 });
  expect(job.template.spec.containers[0].args).toContain(`--shard=$(JOB_COMPLETION_INDEX)/${job.completions}`);
});

it('a field that Kubernetes does not know is found, however deep; so is a value of another kind', () => {
  const [cronJob] = kustomized('kubernetes/base');
  const changed = (from: string, to: string): string[] => wrongInManifest(JSON.parse(JSON.stringify(cronJob).replace(from, to)));
  expect(changed('"concurrencyPolicy"', '"concurencyPolicy"')).toEqual(['/spec/concurencyPolicy: no such field']);
  expect(changed('"readOnlyRootFilesystem"', '"readonlyRootFilesystem"').join(' ')).toContain('readonlyRootFilesystem: no such field');
  expect(changed('"Forbid"', '"forbid"').join(' ')).toContain('concurrencyPolicy');
});

it('compose.yaml fits the schema of Compose, and is stopped in time', () => {
  expect(wrongInCompose(COMPOSE)).toEqual([]);
  expect(wrongInCompose({ services: { purge: { ...COMPOSE.services['purge'], readonly: true } } })).not.toEqual([]);
  expect(COMPOSE.services['purge']).toMatchObject({
    user: '10001:10001',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    restart: 'no',
  });
  expect(Number.parseInt(COMPOSE.services['purge']?.stop_grace_period ?? '', 10) * 1_000).toBeGreaterThan(SHUTDOWN_MS_MAX);
});

it('the systemd service does with each exit code what it means, and is stopped in time', () => {
  const unit = unitLines('systemd/images-purge.service');
  expect(numbers(unit.get('RestartPreventExitStatus'))).toEqual(FINAL);
  expect(unit.get('SuccessExitStatus')).toBe(String(EXIT.sigterm));
  expect(unit.get('Restart')).toBe('on-failure');
  expect(Number(unit.get('TimeoutStopSec')) * 1_000).toBeGreaterThan(SHUTDOWN_MS_MAX);
});
