import { readFileSync } from 'node:fs';

import { Ajv } from 'ajv';
// Of the packages with Kubernetes' schemas this one is kept (5.1.0 in August 2026); its validators are made of the official OpenAPI.
import { validate as cronJob } from 'kubernetes-models/_schemas/IoK8sApiBatchV1CronJob';
import { validate as job } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job';
import { validate as configMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap';
import { validate as persistentVolumeClaim } from 'kubernetes-models/_schemas/IoK8sApiCoreV1PersistentVolumeClaim';

import type { Manifest } from './kustomized.ts';

interface Validator {
  (data: unknown): boolean;
  readonly errors?: readonly unknown[] | null;
}

const VALIDATORS: Readonly<Record<string, unknown>> = {
  'batch/v1 CronJob': cronJob,
  'batch/v1 Job': job,
  'v1 ConfigMap': configMap,
  'v1 PersistentVolumeClaim': persistentVolumeClaim,
};

/** What is wrong with a manifest by Kubernetes' schemas, and fields that they do not know: an API server drops those in silence. */
export function wrongInManifest(manifest: Manifest): string[] {
  const kind = `${manifest.apiVersion} ${manifest.kind}`;
  const validate = VALIDATORS[kind] as Validator | undefined;
  if (validate === undefined) return [`${kind}: no schema is loaded for it`];
  // A validator looks at each field that its schema has, and at no other.
  const unread = new Set<string>();
  if (!validate(watched(manifest, '', unread))) return (validate.errors ?? []).map((error) => JSON.stringify(error));
  return Array.from(unread, (path) => `${path}: no such field`);
}

function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: object = Array.isArray(value) ? [] : {};
  for (const [name, child] of Object.entries(value)) {
    const childPath = `${path}/${name}`;
    const watchedChild = watched(child, childPath, unread);
    unread.add(childPath);
    const get = (): unknown => {
      unread.delete(childPath);
      return watchedChild;
    };
    Object.defineProperty(copy, name, { get, enumerable: true, configurable: true });
  }
  return copy;
}

// Of the packages with Compose's schema this one follows the specification: the others do not know `name` yet.
const composeSchema = JSON.parse(
  readFileSync(new URL('../../../node_modules/dclint/schemas/compose.schema.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
// Its `$schema` is spelled in a way that Ajv does not look up.
const isCompose = new Ajv({ strict: false, validateFormats: false }).compile({
  ...composeSchema,
  $schema: 'http://json-schema.org/draft-07/schema#',
});

export function wrongInCompose(compose: unknown): string[] {
  isCompose(compose);
  return (isCompose.errors ?? []).map(({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`);
}
