import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { VERSION } from '../../../src/domain/version.ts';
import { startProgram } from '../../support/cli/cli.ts';
import { withSimulator } from '../../support/servers/simulator.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What people download; half of it would be source maps and types that nobody is led to. */
const PACKED_BYTES_MAX = 600_000;

const PROGRAM_MS_MAX = 120_000;

let folder = '';
let tarball = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-purge-package-'));
  // Not built again: other tests run what is there.
  const packed = program('npm', ['pack', ROOT, '--ignore-scripts', '--json', '--pack-destination', folder]);
  expect(packed.stderr).not.toContain('npm error');
  tarball = join(folder, `images-purge-${VERSION}.tgz`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function program(name: string, args: readonly string[], cwd = folder): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(name, args, { cwd, encoding: 'utf8', timeout: PROGRAM_MS_MAX });
}

/** An empty folder with the package in it, and the packages it depends on, from ours. */
function installedByHand(): string {
  const project = join(folder, 'by-hand');
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'images-purge'), { recursive: true });
  expect(program('tar', ['xzf', tarball, '--strip-components=1', '-C', join(modules, 'images-purge')]).status).toBe(0);
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean }> };
  for (const [path, { dev = false }] of Object.entries(lock.packages)) {
    // One that lies inside another comes with it.
    if (dev || path === '' || path.indexOf('node_modules/', 1) !== -1) continue;
    mkdirSync(dirname(join(project, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(project, path));
  }
  return project;
}

/** Plans and purges three IDs, as the installed command. */
async function expectToPurge(project: string): Promise<void> {
  const main = join(project, 'node_modules/images-purge/dist/main.js');
  // Links are not followed: what it depends on is looked for in the folder it is installed in.
  const start = (args: readonly string[], env = {}) =>
    startProgram(process.execPath, ['--preserve-symlinks', '--preserve-symlinks-main', main, ...args], { cwd: project, env }).finished;
  expect(await start(['--version'])).toMatchObject({ exitCode: 0, stdout: `${VERSION}\n`, stderr: '' });
  expect((await start(['completion', 'bash'])).stdout).toContain('complete -o');
  await withSimulator({}, async (simulator) => {
    writeFileSync(join(project, 'ids.txt'), 'a\nb\nc\n');
    const args = ['delete', 'ids.txt', '--yes', '--metrics-file', 'night.prom', '--progress', 'none'];
    const { exitCode, stderr } = await start(args, { CLOUDFLARE_BASE_URL: simulator.url });
    expect(exitCode, stderr).toBe(0);
    expect([...simulator.record.deleted.keys()].toSorted()).toEqual(['a', 'b', 'c']);
  });
}

describe('the package', () => {
  it('holds the program, types that are needed, the manual page and nothing else', () => {
    const files = program('tar', ['tzf', tarball])
      .stdout.trim()
      .split('\n')
      .map((path) => path.replace('package/', ''));
    const expected = /^(?:package\.json|README\.md|LICENSE|dist\/(?:[\w-]+\.(?:js|css)|images-purge\.1|(?:[\w-]+\/)*[\w-]+\.d\.ts))$/;
    expect(files.filter((path) => !expected.test(path))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(['dist/main.js', 'dist/index.js', 'dist/index.d.ts', 'dist/thread.js', 'dist/images-purge.1']),
    );
    expect(files.some((path) => path.includes('/cli/'))).toBe(false);
    expect(readFileSync(tarball).length).toBeLessThan(PACKED_BYTES_MAX);
  });

  it('is as publint and are-the-types-wrong want it; it is made of ES modules, as Node.js 24 requires them, too', async () => {
    const data = readFileSync(tarball);
    const { messages } = await publint({ strict: true, pack: { tarball: new Uint8Array(data).buffer } });
    expect(messages).toEqual([]);
    const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(data)));
    const problems = checked.types === false ? ['no types'] : checked.problems.map(({ kind }) => kind);
    // What is left over is what its profile `esm-only` leaves out.
    expect(problems).toEqual(['CJSResolvesToESM']);
  });

  it('runs in an empty folder with dependencies of production alone: as command, as library, required, with its types', async () => {
    const project = installedByHand();
    expect(readdirSync(join(project, 'node_modules'))).not.toContain('vitest');
    await expectToPurge(project);

    const shown = 'console.log(typeof purge)';
    const node = (source: string, type: string) =>
      program(process.execPath, ['--preserve-symlinks', `--input-type=${type}`, '-e', `${source}; ${shown}`], project);
    expect(node("const { purge } = require('images-purge')", 'commonjs')).toMatchObject({ stdout: 'function\n' });
    expect(node("import { purge } from 'images-purge'", 'module')).toMatchObject({ stdout: 'function\n' });

    writeFileSync(
      join(project, 'program.mts'),
      `import { purge, type Summary } from 'images-purge';
       const given = { ids: ['a'], accountId: 'f'.repeat(32), credentials: { apiToken: 't' }, checkpoint: 'c', rate: '5/s' };
       export const summary: Promise<Summary> = purge(given);
       // @ts-expect-error A rate is a text.
       void purge({ ...given, rate: 5 });\n`,
    );
    // As every program for Node.js in TypeScript has.
    mkdirSync(join(project, 'node_modules/@types'));
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
    writeFileSync(join(project, 'required.cts'), "import images = require('images-purge');\nvoid images.purge;\n");
    const compile = (...args: string[]) =>
      program(
        join(ROOT, 'node_modules/.bin/tsc'),
        ['--noEmit', '--strict', '--target', 'esnext', '--skipLibCheck', 'false', '--types', 'node', ...args],
        project,
      );
    const good = { status: 0, stdout: '' };
    expect(compile('--module', 'nodenext', 'program.mts', 'required.cts')).toMatchObject(good);
    expect(compile('--module', 'esnext', '--moduleResolution', 'bundler', 'program.mts')).toMatchObject(good);
  });

  it('is installed by npm from the tarball, its manual page with it', async ({ skip }) => {
    const asked = program('npm', ['view', 'commander', 'version', '--fetch-retries=0', '--fetch-timeout=10000']);
    skip(asked.status !== 0, 'the npm registry cannot be reached');
    const prefix = join(folder, 'global');
    const installed = program('npm', [
      'install',
      '-g',
      '--prefix',
      prefix,
      '--omit=dev',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      tarball,
    ]);
    expect(installed.status, installed.stderr).toBe(0);
    expect(readFileSync(join(prefix, 'share/man/man1/images-purge.1'), 'utf8')).toContain('.TH IMAGES');
    expect(program(join(prefix, 'bin/images-purge'), ['--version'])).toMatchObject({ status: 0, stdout: `${VERSION}\n` });
    await expectToPurge(join(prefix, 'lib'));
  });
});
