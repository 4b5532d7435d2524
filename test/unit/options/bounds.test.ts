import { describe, expect, it } from 'vitest';

import { UserError } from '../../../src/domain/errors.ts';
import { deleteCommand } from '../../../src/cli/commands/delete.ts';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { type Option, OPTIONS } from '../../../src/options/option-table.ts';
import { durationMs } from '../../../src/options/parse/duration.ts';

const bounded = OPTIONS.filter(({ bounds }) => bounds !== undefined);
const RANGE = /^(\d+)(%|[a-z]*) to (\d+)(%|[a-z]*)/;

/** What lies just outside of the bounds that help shows. */
function outside({ bounds = '' }: Option): readonly string[] {
  const [, min = '', , max = '', unit = ''] = RANGE.exec(bounds) ?? [];
  if (unit === '%') return [`${Number(max) + 1}%`, '-1%'];
  if (unit === '') return [String(Number(min) - 1), String(Number(max) + 1)];
  return ['0ms', `${(durationMs(`${max}${unit}`) ?? Number.NaN) + 1}ms`];
}

describe('the bounds that help shows', () => {
  const ranges = bounded.filter(({ bounds = '' }) => /^[^ ]+ to [^ ,]+$/.test(bounds));

  it.each(ranges.map((option) => [option.name, option.bounds ?? '', option] as const))(
    'of --%s, %s, are taken, and nothing beyond',
    (name, bounds, option) => {
      const [min = '', max = ''] = bounds.split(' to ');
      for (const text of [min, max]) expect(() => option.fromText(text, `--${name}`)).not.toThrow();
      for (const text of outside(option)) expect(() => option.fromText(text, `--${name}`)).toThrow(UserError);
    },
  );

  it.each([
    ['rate', ['1/1ms', '1000000/24d'], ['0/s', '1000001/s', '1/25d']],
    ['shard', ['0/1', '99999/100000'], ['0/0', '0/100001']],
    ['max-deletes', ['0', '999999999999999', '0%', '100%'], ['1000000000000000', '101%']],
  ])('of --%s, which have two parts, are taken, and nothing beyond', (name, taken, refused) => {
    const option = bounded.find((one) => one.name === name);
    for (const text of taken) expect(() => option?.fromText(text, name)).not.toThrow();
    for (const text of refused) expect(() => option?.fromText(text, name)).toThrow(UserError);
  });

  it('stand in the help of each option that has any', () => {
    const line = parseCommandLine(['delete', '--help'], { widthColumns: 1_000, heading: (text) => text });
    const help = line.kind === 'print' ? line.text : '';
    const ofDelete = bounded.filter(({ key }) => deleteCommand.options.includes(key));
    expect(ofDelete.length).toBeGreaterThan(15);
    for (const { name, bounds } of ofDelete) expect(help).toMatch(new RegExp(`--${name} .*\\(${bounds}(?:;|\\))`));
  });
});
