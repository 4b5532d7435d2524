import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { VERSION } from '../../src/domain/version.ts';
import { importCircle, SRC_MODULES, type SrcModule } from '../support/src-modules.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Which folders of src a file imports from. */
function foldersOf({ modules }: SrcModule): string[] {
  return modules.map((path) => path.split('/')[0] ?? '');
}

/** What each folder may import besides itself and `domain`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  text: [],
  read: ['text'],
  plan: [],
  checkpoint: ['text'],
  pace: [],
  cloudflare: ['text'],
  report: ['text'],
  page: ['report'],
  observe: ['text'],
  simulator: [],
  answer: ['cloudflare', 'text'],
  ledger: ['checkpoint', 'report'],
  advice: ['checkpoint', 'text'],
  list: ['answer', 'checkpoint', 'cloudflare', 'connect', 'intake', 'observe', 'plan', 'report', 'run', 'text'],
  verify: ['answer', 'checkpoint', 'cloudflare', 'connect', 'inspect', 'list', 'observe', 'run', 'text'],
  backup: [],
  restore: ['answer', 'backup', 'cloudflare', 'connect', 'list', 'report', 'run'],
  run: ['checkpoint', 'cloudflare', 'ledger', 'observe', 'pace', 'read'],
  intake: ['checkpoint', 'ledger', 'observe', 'plan', 'read', 'run', 'text'],
  connect: ['answer', 'checkpoint', 'cloudflare', 'ledger', 'pace', 'run', 'text'],
  send: ['answer', 'backup', 'checkpoint', 'cloudflare', 'connect', 'ledger', 'observe', 'pace', 'run', 'text'],
  explain: [],
  check: ['answer', 'cloudflare', 'connect', 'pace', 'run', 'text'],
  inspect: ['advice', 'checkpoint', 'report'],
  purge: [
    'advice',
    'answer',
    'backup',
    'checkpoint',
    'connect',
    'inspect',
    'intake',
    'ledger',
    'list',
    'plan',
    'read',
    'run',
    'send',
    'text',
    'verify',
  ],
  options: ['run', 'text'],
  cli: [
    'advice',
    'check',
    'cloudflare',
    'explain',
    'inspect',
    'list',
    'observe',
    'options',
    'plan',
    'purge',
    'read',
    'report',
    'restore',
    'run',
    'simulator',
    'text',
    'verify',
  ],
  library: ['cloudflare', 'observe', 'options', 'purge', 'read', 'run'],
};

describe('the house', () => {
  it.each(Object.entries(MAY_IMPORT))('%s imports domain, itself and [%s]', (folder, allowed) => {
    const wrong = SRC_MODULES.filter((file) => file.folder === folder).flatMap((file) =>
      foldersOf(file)
        .filter((target) => ![folder, 'domain', ...allowed].includes(target))
        .map((target) => `${file.path} → ${target}`),
    );
    expect(wrong).toEqual([]);
    expect(SRC_MODULES.some((file) => file.folder === folder)).toBe(true);
  });

  it.each([
    ['undici', 'cloudflare'],
    ['bottleneck', 'pace'],
    ['p-limit', 'connect'],
    ['csv-parse', 'read'],
    ['@streamparser/json', 'read'],
    ['pino', 'observe'],
    ['log-update', 'observe'],
    ['prom-client', 'observe'],
    ['commander', 'cli'],
    ['uplot', 'page'],
  ])('%s is imported in %s alone', (name, folder) => {
    const importers = SRC_MODULES.filter(({ imports }) =>
      imports.some((specifier) => specifier === name || specifier.startsWith(`${name}/`)),
    );
    expect([...new Set(importers.map((file) => file.folder))]).toEqual([folder]);
  });

  it('what metrics need is loaded only where they are asked for', () => {
    const outside = SRC_MODULES.filter(({ path }) => !path.startsWith('observe/metrics/'));
    const loading = outside.filter(({ loadedModules }) => loadedModules.some((path) => path.startsWith('observe/metrics/')));
    expect(loading.map(({ path }) => path)).toEqual(['cli/run-metrics.ts']);
    expect(loading[0]?.text).toContain("await import('../observe/metrics/");
    expect(loading[0]?.text.match(/^import (?!type).*metrics\//gm)).toBeNull();
  });

  it('every package the product depends on is used', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const used = new Set(SRC_MODULES.flatMap(({ imports }) => imports.map((specifier) => packageOf(specifier))));
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  it('process is touched where the program begins, and nowhere below', () => {
    const touching = SRC_MODULES.filter(({ text }) => /(?<![\w.'`/])process\./.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))).map(
      ({ path }) => path,
    );
    expect(touching.filter((path) => !['main.ts', 'cli/world.ts'].includes(path))).toEqual([]);
  });

  it('main is at most 30 lines long', () => {
    expect(
      SRC_MODULES.find(({ path }) => path === 'main.ts')
        ?.text.trimEnd()
        .split('\n').length,
    ).toBeLessThanOrEqual(30);
  });

  it('no import goes in a circle, types included', () => {
    expect(importCircle()).toBeUndefined();
  });

  it('the version is the package’s', () => {
    expect((JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version).toBe(VERSION);
  });

  it('every place that ARCHITECTURE.md names is there', () => {
    const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    const named = [...text.matchAll(/`([a-z][a-z0-9/-]*(?:\.ts|\/))`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !existsSync(join(ROOT, path)) && !existsSync(join(ROOT, 'src', path)))).toEqual([]);
  });
});

/** `@scope/name` is one package. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
