import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

export interface SrcModule {
  /** Below `src`, such as `send/feed.ts`. */
  readonly path: string;
  /** The first part of the path; empty for files in `src` itself. */
  readonly folder: string;
  readonly text: string;
  /** As written: packages too. */
  readonly imports: readonly string[];
  /** Modules of `src` that are imported in any way, types included. */
  readonly modules: readonly string[];
  /** Those of them that are loaded when the program runs. */
  readonly loadedModules: readonly string[];
}

/** Every TypeScript file of the product, with what it imports. */
export const SRC_MODULES: readonly SrcModule[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const imports = specifiersIn(text);
    const loaded = specifiersIn(text.replaceAll(/^(?:im|ex)port type [^;]*;/gm, ''));
    const folder = path.includes('/') ? (path.split('/')[0] ?? '') : '';
    return { path, folder, text, imports, modules: modulesAt(path, imports), loadedModules: modulesAt(path, loaded) };
  });

function specifiersIn(text: string): readonly string[] {
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier = '']) => specifier);
}

function modulesAt(path: string, specifiers: readonly string[]): readonly string[] {
  return specifiers.filter((specifier) => specifier.startsWith('.')).map((specifier) => relative(SRC, join(SRC, dirname(path), specifier)));
}

/** Every module of `src` that is loaded when `path` is, itself included. */
export function loadedWith(path: string): readonly string[] {
  const reached = new Set([path]);
  for (const next of reached) for (const module of moduleAt(next).loadedModules) reached.add(module);
  return [...reached];
}

/** One circle of imports, types included, as a path that ends where it begins; `undefined` where there is none. */
export function importCircle(): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const module of moduleAt(path).modules) {
      const circle = visit(module, [...trail, path]);
      if (circle !== undefined) return circle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of SRC_MODULES) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function moduleAt(path: string): SrcModule {
  const found = SRC_MODULES.find((module) => module.path === path);
  if (found === undefined) throw new Error(`src/${path} is imported but is not there`);
  return found;
}
