import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import type { Draw } from './draw.ts';
import type { Truth } from './oracle/truth.ts';

/** A list as drawn: which files, and what they must come to. */
export interface DrawnInput {
  readonly sources: readonly string[];
  readonly excludes: readonly string[];
  readonly truth: Omit<Truth, 'images'>;
  readonly shard: { readonly index: number; readonly count: number } | undefined;
}

type Row =
  | { readonly kind: 'id'; readonly value: string }
  | { readonly kind: 'rejected'; readonly value: string }
  | { readonly kind: 'skipped'; readonly value: string };
type Form = 'csv' | 'wide-csv' | 'lines' | 'ndjson';

const REJECTED = [
  '..',
  '.',
  'variants/hero',
  'keys',
  'stats',
  'batch_token/x',
  'https://example.com/a',
  '/leads',
  'trails/',
  'bad\u0001id',
  'lost\uFFFDtext',
  'x'.repeat(1_025),
];
const FORMS: readonly Form[] = ['csv', 'wide-csv', 'lines', 'ndjson'];

/** Draws sources into `folder`. */
export function drawInput(draw: Draw, folder: string, idCount: number): DrawnInput {
  const ids = drawIds(draw, idCount);
  const shard = draw.chance(0.15) ? { index: draw.below(3), count: 3 } : undefined;
  const excluded = new Set(ids.filter(() => draw.chance(0.5 * 0.1)));
  const counts = { rows: 0, accepted: 0, duplicates: 0, protected: 0, rejected: 0, skipped: 0 };
  const accepted = new Set<string>();
  const protectedIds = new Set<string>();
  const sourceCount = draw.pick([1, 1, 1, 2, 3]);
  const sources: string[] = [];
  for (let index = 0; index < sourceCount; index++) {
    const own = ids.slice(Math.floor((ids.length * index) / sourceCount), Math.floor((ids.length * (index + 1)) / sourceCount));
    const form = draw.pick(FORMS);
    const rows = drawRows(draw, own, ids, form);
    for (const row of rows) count(row);
    sources.push(writeSource(draw, folder, `list${index}`, form, rows));
  }
  const excludes = excluded.size === 0 ? [] : ['keep.csv'];
  if (excluded.size > 0) writeFileSync(join(folder, 'keep.csv'), `id\n${[...excluded, 'never-in-any-list'].join('\n')}\n`);
  return { sources, excludes, shard, truth: { accepted, protected: protectedIds, counts } };

  function count(row: Row): void {
    counts.rows++;
    if (row.kind === 'rejected') counts.rejected++;
    else if (row.kind === 'skipped' || (shard !== undefined && shardOf(row.value, shard.count) !== shard.index)) counts.skipped++;
    else if (accepted.has(row.value) || protectedIds.has(row.value)) counts.duplicates++;
    else if (excluded.has(row.value)) {
      protectedIds.add(row.value);
      counts.protected++;
    } else {
      accepted.add(row.value);
      counts.accepted++;
    }
  }
}

function drawIds(draw: Draw, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${draw.below(1_000_000)}-${index}`;
    return draw.pick([
      () => draw.uuid(),
      () => draw.uuid(),
      () => `image-${name}`,
      () => `shop/${name}/hero.jpg`,
      () => `caf\u00e9-${name}`,
      () => `cafe\u0301-${name}`,
      () => `100%25-${name}`,
      () => `two words ${name}`,
      () => `\u{1F5BC}\uFE0F-${name}`,
      () => `VARIANTS/${name}`,
      () => `${'long-'.repeat(40)}${name}`,
    ])();
  });
}

function drawRows(draw: Draw, own: readonly string[], all: readonly string[], form: Form): Row[] {
  const rows: Row[] = [];
  for (const value of own) {
    rows.push({ kind: 'id', value });
    if (draw.chance(0.06)) rows.push({ kind: 'id', value: draw.pick(all) });
    if (draw.chance(0.04)) rows.push({ kind: 'rejected', value: draw.pick(REJECTED) });
    if (draw.chance(0.02) && form === 'ndjson') rows.push({ kind: 'skipped', value: `reported-${rows.length}` });
  }
  return rows;
}

function writeSource(draw: Draw, folder: string, stem: string, form: Form, rows: readonly Row[]): string {
  const lineEnd = draw.pick(['\n', '\n', '\r\n']);
  const text = textOf(form, rows, lineEnd);
  const packing = draw.pick(['', '', '', '.gz', '.zst']);
  const bytes = packing === '.gz' ? gzipSync(text) : packing === '.zst' ? zstdCompressSync(text) : Buffer.from(text);
  const name = `${stem}${{ csv: '.csv', 'wide-csv': '.csv', lines: '.txt', ndjson: '.ndjson' }[form]}${packing}`;
  writeFileSync(join(folder, name), bytes);
  return name;
}

function textOf(form: Form, rows: readonly Row[], lineEnd: string): string {
  const lines = rows.map((row, index) => lineOf(form, row, index));
  const header = form === 'csv' ? ['id'] : form === 'wide-csv' ? ['name;id;size'] : [];
  return [...header, ...lines, ''].join(lineEnd);
}

function lineOf(form: Form, { kind, value }: Row, index: number): string {
  switch (form) {
    case 'csv':
    case 'lines':
      return value;
    case 'wide-csv':
      return `"picture; no ${index}";${index % 3 === 0 ? `"${value}"` : value};${index}`;
    case 'ndjson':
      return JSON.stringify(
        kind === 'skipped' ? { id: value, outcome: 'deleted', source: 'earlier.csv', line: index + 1 } : { n: index, id: value },
      );
  }
}

/** By the contract's words, not by the product's code. */
function shardOf(id: string, count: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % count;
}
