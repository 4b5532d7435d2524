import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { OPTION_TABLE } from '../../src/options/option-table.ts';
import { VERSION } from '../../src/domain/version.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SRC = join(ROOT, 'src');

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const FILES: readonly SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const imports = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier = '']) => specifier);
    return { path, folder: path.includes('/') ? (path.split('/')[0] ?? '') : '', text, imports };
  });

/** Which folders of src a file imports from. */
function foldersOf({ path, imports }: SourceFile): string[] {
  return imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(SRC, join(SRC, path, '..', specifier)).split('/')[0] ?? '');
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
  observe: ['text'],
  simulator: [],
  answer: ['cloudflare', 'text'],
  ledger: ['checkpoint', 'report'],
  advice: ['checkpoint', 'text'],
  run: ['checkpoint', 'cloudflare', 'ledger', 'observe', 'pace', 'read'],
  intake: ['checkpoint', 'ledger', 'plan', 'read', 'run', 'text'],
  connect: ['answer', 'checkpoint', 'cloudflare', 'ledger', 'pace', 'run', 'text'],
  send: ['answer', 'checkpoint', 'cloudflare', 'connect', 'ledger', 'observe', 'pace', 'run', 'text'],
  inspect: ['advice', 'checkpoint', 'report'],
  purge: ['advice', 'checkpoint', 'connect', 'inspect', 'intake', 'ledger', 'plan', 'read', 'run', 'send', 'text'],
  options: ['cli', 'read', 'run'],
  cli: ['advice', 'cloudflare', 'inspect', 'observe', 'options', 'purge', 'read', 'report', 'run', 'simulator', 'text'],
  library: ['cli', 'cloudflare', 'observe', 'options', 'purge', 'run'],
};

describe('the house', () => {
  it.each(Object.entries(MAY_IMPORT))('%s imports domain, itself and [%s]', (folder, allowed) => {
    const wrong = FILES.filter((file) => file.folder === folder).flatMap((file) =>
      foldersOf(file)
        .filter((target) => ![folder, 'domain', ...allowed].includes(target))
        .map((target) => `${file.path} → ${target}`),
    );
    expect(wrong).toEqual([]);
    expect(FILES.some((file) => file.folder === folder)).toBe(true);
  });

  it.each([
    ['undici', 'cloudflare'],
    ['bottleneck', 'pace'],
    ['p-limit', 'pace'],
    ['csv-parse', 'read'],
    ['pino', 'observe'],
    ['log-update', 'observe'],
    ['commander', 'cli'],
  ])('%s is imported in %s alone', (name, folder) => {
    const importers = FILES.filter(({ imports }) => imports.some((specifier) => specifier === name || specifier.startsWith(`${name}/`)));
    expect([...new Set(importers.map((file) => file.folder))]).toEqual([folder]);
  });

  it('every package the product depends on is used', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const used = new Set(FILES.flatMap(({ imports }) => imports.map((specifier) => specifier.split('/')[0])));
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  it('process is touched where the program begins, and nowhere below', () => {
    const touching = FILES.filter(({ text }) => /(?<![\w.'`/])process\./.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))).map(
      ({ path }) => path,
    );
    expect(touching.filter((path) => !['main.ts', 'cli/world.ts'].includes(path))).toEqual([]);
  });

  it('no file is longer than 400 lines, and main is at most 30', () => {
    expect(FILES.filter(({ text }) => text.split('\n').length > 400).map(({ path }) => path)).toEqual([]);
    expect(
      FILES.find(({ path }) => path === 'main.ts')
        ?.text.trimEnd()
        .split('\n').length,
    ).toBeLessThanOrEqual(30);
  });

  it('the version is the package’s', () => {
    expect((JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version).toBe(VERSION);
  });

  it('the README names every option of a purge', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const missing = Object.values(OPTION_TABLE)
      .filter(({ commands }) => commands.some((command) => ['delete', 'resume'].includes(command)))
      .map(({ name }) => `--${name}`)
      .filter((name) => !readme.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });
});
