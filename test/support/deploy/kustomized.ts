import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse, parseAllDocuments } from 'yaml';

const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url));

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

interface Generated {
  readonly name: string;
  readonly behavior?: 'merge';
  readonly literals: readonly string[];
}

interface Patch {
  readonly target: { readonly kind: string; readonly name: string };
  readonly patch: string;
}

interface Kustomization {
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly images?: readonly { name: string; newName: string; newTag: string }[];
  readonly configMapGenerator?: readonly Generated[];
  readonly patches?: readonly Patch[];
  readonly [otherField: string]: unknown;
}

const KNOWN = ['apiVersion', 'kind', 'namespace', 'resources', 'images', 'configMapGenerator', 'patches'];

/** A file below `deploy/`. Kubernetes reads YAML 1.1, in which `0440` is octal. */
export function deployedText(path: string): string {
  return readFileSync(join(DEPLOY, path), 'utf8');
}

/**
 * What `kubectl kustomize` makes of a folder, as far as the folders of `deploy/` go: kustomize itself comes from no package registry
 * that tests reach. A field that is not understood here throws. Names of generated maps have no hash behind them.
 */
export function kustomized(folder: string): Manifest[] {
  const kustomization = parse(deployedText(join(folder, 'kustomization.yaml'))) as Kustomization;
  const unknown = Object.keys(kustomization).filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0) throw new Error(`${folder}: not understood: ${unknown.join(', ')}`);
  const { resources, configMapGenerator = [], patches = [], images = [], namespace } = kustomization;
  let manifests = resources.flatMap((name) =>
    name.endsWith('.yaml')
      ? (parseAllDocuments(deployedText(join(folder, name)), { version: '1.1' }) as { toJS(): Manifest }[]).map((file) => file.toJS())
      : kustomized(join(folder, name)),
  );
  for (const generated of configMapGenerator) manifests = withConfigMap(manifests, generated);
  for (const patch of patches) applyPatch(manifests, patch);
  for (const { name, newName, newTag } of images) {
    const text = JSON.stringify(manifests);
    if (!text.includes(`"image":"${name}"`)) throw new Error(`${folder}: there is no image ${name}`);
    manifests = JSON.parse(text.replaceAll(`"image":"${name}"`, `"image":"${newName}:${newTag}"`)) as Manifest[];
  }
  if (namespace === undefined) return manifests;
  return manifests.map((manifest) => ({ ...manifest, metadata: { ...manifest.metadata, namespace } }));
}

function withConfigMap(manifests: readonly Manifest[], { name, behavior, literals }: Generated): Manifest[] {
  const data = Object.fromEntries(
    literals.map((literal) => [literal.slice(0, literal.indexOf('=')), literal.slice(literal.indexOf('=') + 1)]),
  );
  const found = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  if ((found !== undefined) !== (behavior === 'merge')) throw new Error(`ConfigMap ${name}: ${behavior ?? 'create'} does not fit`);
  const made = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { ...found?.data, ...data } };
  return [...manifests.filter((manifest) => manifest !== found), made];
}

/** A patch of RFC 6902, of the two operations that are used. */
function applyPatch(manifests: readonly Manifest[], { target, patch }: Patch): void {
  const manifest = manifests.find(({ kind, metadata }) => kind === target.kind && metadata.name === target.name);
  if (manifest === undefined) throw new Error(`there is no ${target.kind} ${target.name} to patch`);
  for (const { op, path, value } of parse(patch, { version: '1.1' }) as { op: string; path: string; value: unknown }[]) {
    const names = path.split('/').slice(1);
    const last = names.pop() ?? '';
    const parent = names.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], manifest);
    if (op === 'add' && last === '-' && Array.isArray(parent)) parent.push(value);
    else if (op === 'replace' && (parent as Record<string, unknown>)[last] !== undefined) (parent as Record<string, unknown>)[last] = value;
    else throw new Error(`${op} ${path} does not fit`);
  }
}
