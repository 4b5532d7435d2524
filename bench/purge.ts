import { randomUUID } from 'node:crypto';
import { createWriteStream, rmSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const CLI: string = fileURLToPath(new URL('../dist/main.js', import.meta.url));
export const ACCOUNT = '0123456789abcdef0123456789abcdef';
export const BENCH_ENV: Readonly<Record<string, string>> = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT, CLOUDFLARE_API_TOKEN: 'bench' };

/** Arguments for node that purge `idsPath` at `url`, with a checkpoint that is removed first. */
export function purgeArgs(idsPath: string, url: string, ...more: string[]): string[] {
  for (const suffix of ['.checkpoint', '.checkpoint-wal', '.checkpoint-shm', '.checkpoint.lock', '.checkpoint.report.ndjson'])
    rmSync(idsPath + suffix, { force: true });
  return [CLI, 'delete', idsPath, '--base-url', url, '--yes', '--expect-absent', '--progress', 'none', '--log-level', 'warn', ...more];
}

/** A one-column CSV of random UUIDs. */
export async function writeIds(path: string, count: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('id\n');
  for (let written = 0; written < count; written += 1_000) {
    const lines = Array.from({ length: Math.min(1_000, count - written) }, () => `${randomUUID()}\n`).join('');
    if (!file.write(lines)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}
