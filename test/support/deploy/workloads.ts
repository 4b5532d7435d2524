import { parse } from 'yaml';

import { deployedText, kustomized, type Manifest } from './kustomized.ts';

/** The folders below `deploy/kubernetes` that can be applied. */
export const FOLDERS: readonly string[] = ['base', 'overlays/production', 'sharded', 'sharded-redis'].map((name) => `kubernetes/${name}`);

export interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly { name: string; value: string }[];
  readonly envFrom: readonly { configMapRef: { name: string } }[];
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { name: string; mountPath: string; readOnly?: boolean }[];
}

export interface PodSpec {
  readonly restartPolicy: string;
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: unknown;
  readonly containers: readonly [Container];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}

interface ExitCodes {
  readonly containerName: string;
  readonly operator: string;
  readonly values: readonly number[];
}

export interface JobSpec {
  readonly completions?: number;
  readonly parallelism?: number;
  readonly activeDeadlineSeconds?: number;
  readonly podFailurePolicy: { readonly rules: readonly { action: string; onExitCodes?: ExitCodes; onPodConditions?: unknown }[] };
  readonly template: { readonly spec: PodSpec };
}

/** The one job of a folder, a CronJob's too. */
export function jobOf(manifests: readonly Manifest[]): JobSpec {
  const [job, ...more] = manifests.filter(({ kind }) => kind === 'Job' || kind === 'CronJob');
  if (job === undefined || more.length > 0) throw new Error('not one job');
  return job.kind === 'Job' ? (job.spec as JobSpec) : (job.spec as { jobTemplate: { spec: JobSpec } }).jobTemplate.spec;
}

/** A command line with its environment, as the cluster, compose or systemd would start it. */
export interface DeployedCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What a pod of the folder's job runs; `index` is that of an Indexed Job. */
export function podCommand(folder: string, index?: number): DeployedCommand {
  const manifests = kustomized(folder);
  const [container] = jobOf(manifests).template.spec.containers;
  const maps = container.envFrom.map(
    ({ configMapRef: { name } }) => manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)?.data,
  );
  if (maps.includes(undefined)) throw new Error('a ConfigMap that is referred to is not there');
  const env: Record<string, string> = Object.assign({}, ...maps, Object.fromEntries(container.env.map(({ name, value }) => [name, value])));
  if (index !== undefined) env['JOB_COMPLETION_INDEX'] = String(index);
  return { env, args: container.args.map((arg) => arg.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole)) };
}

export interface ComposeService {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stop_grace_period: string;
  readonly [otherField: string]: unknown;
}

export const COMPOSE: { readonly services: Readonly<Record<string, ComposeService>> } = parse(deployedText('compose.yaml'));

/** The lines of a systemd unit by name, `\` at an end joined, `%%` made `%`. */
export function unitLines(path: string): ReadonlyMap<string, string> {
  const text = deployedText(path).replaceAll(/\\\n\s*/g, '');
  return new Map(Array.from(text.matchAll(/^(\w+)=(.*)$/gm), ([, name = '', value = '']) => [name, value.replaceAll('%%', '%')]));
}
