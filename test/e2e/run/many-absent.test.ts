import { describe, expect, it } from 'vitest';

import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';

interface Case {
  readonly what: string;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
  readonly options?: readonly string[];
  readonly says: string | undefined;
}

const CASES: readonly Case[] = [
  {
    what: 'one right ID among 19 wrong ones',
    right: ['img-1'],
    wrong: makeIds(19, 'wrong'),
    says:
      '19 of 20 IDs were not found in account 0123…cdef. ' +
      'Most likely: another account, another --column, or deleted earlier (if that is so: --expect-absent).',
  },
  {
    what: 'percent-encoded ones',
    right: ['img-1'],
    wrong: makeIds(19, 'shop%2Fhero'),
    says: 'Most likely: their spelling (percent-encoded, such as "shop%2Fhero-000000"): they were taken from URLs;',
  },
  {
    what: 'numbers of another column',
    right: ['img-1'],
    wrong: Array.from({ length: 19 }, (_, index) => String(index)),
    says: 'Most likely: the wrong --column: most of them are numbers, such as 0.',
  },
  {
    what: 'those that are expected',
    right: ['img-1'],
    wrong: makeIds(19, 'wrong'),
    options: ['--expect-absent'],
    says: 'Most likely: deleted earlier, as --expect-absent allows.',
  },
  { what: 'a tenth of the list', right: makeIds(18, 'img'), wrong: makeIds(2, 'wrong'), says: undefined },
];

describe('absent IDs', () => {
  it.each(CASES)('$what: the ending and one warning of the log say it before anything else, or not at all', (given) =>
    withPurge({ images: { kind: 'list', ids: given.right } }, async (bench) => {
      bench.writeIds('ids.csv', [...given.right, ...given.wrong]);
      const result = await bench.delete([...(given.options ?? []), '--log-file', 'log']);
      expect(summaryOf(result)).toMatchObject({
        exitCode: 0,
        outcomes: { deleted: given.right.length, absent: given.wrong.length },
      });
      const [first = '', second = ''] = result.stderr.split('\n');
      const warnings = bench
        .read('log')
        .split('\n')
        .filter((line) => line.includes('MANY_ABSENT'));
      if (given.says === undefined) {
        expect([first, second]).toEqual([expect.stringContaining('API root: '), expect.stringMatching(/^Done in/)]);
        expect(warnings).toEqual([]);
      } else {
        expect(first).toContain(given.says);
        expect(first).toContain(`at ${bench.simulator.url}, which is not Cloudflare's`);
        expect(second).toMatch(/^Done in .*: 1 of 20 IDs deleted, 19 were absent\.$/);
        expect(warnings.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([first]);
      }
    }),
  );
});
