import { readFileSync } from 'node:fs';

import * as fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';

import { purge } from '../../src/index.ts';
import { NO_FAULTS } from '../../src/simulator/simulator-options.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { withFolder } from '../support/cli/cli.ts';

interface Line {
  readonly id?: string;
  readonly outcome: string;
  readonly line: number;
}

const values = fc.oneof(
  fc.constantFrom('', '..', 'variants/x', 'a', 'a', 'shop/hero.jpg', '%2F', 'é', 'e\u0301'),
  fc.uuid(),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const faults = fc.constantFrom(NO_FAULTS, { ...NO_FAULTS, lostAnswer: 0.2 }, { ...NO_FAULTS, status500: 0.2, resetBefore: 0.1 });

/** Sixty purges, each a process of its own: on a busy machine they take longer than other tests. */
const RUNS_MS_MAX = 300_000;

describe('any rows in', () => {
  it(
    'each accepted ID gets exactly one outcome, the API’s own record agrees, and every row is accounted for',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(values, { maxLength: 40 }), faults, fc.nat(), async (rows, drawn, seed) => {
          const simulator = await startSimulator({ faults: drawn, seed });
          try {
            await withFolder(async (folder) => {
              const { options, record } = simulator;
              const summary = await purge({
                ids: rows,
                accountId: options.accountId,
                credentials: { apiToken: options.apiToken },
                baseUrl: simulator.url,
                checkpoint: `${folder}/c`,
                rate: 'unlimited',
                expectAbsent: true,
              });
              const { accepted, duplicates, rejected, rows: rowCount } = summary.intake;
              expect(rowCount).toBe(rows.length);
              expect(accepted + duplicates + rejected).toBe(rows.length);
              expect(summary.pending).toBe(0);

              const lines = readFileSync(`${folder}/c.report.ndjson`, 'utf8')
                .split('\n')
                .slice(0, -1)
                .map((line) => JSON.parse(line) as Line);
              const ids = lines.flatMap(({ id }) => (id === undefined ? [] : [id]));
              expect(new Set(ids).size).toBe(ids.length);
              expect(ids.length).toBe(accepted);
              expect(lines.filter(({ outcome }) => outcome === 'rejected')).toHaveLength(rejected);
              for (const { id, outcome } of lines)
                if (outcome === 'deleted' || outcome === 'absent') expect(record.deleted.has(id ?? '')).toBe(true);
              for (const id of record.deleteRequests.keys()) expect(rows.some((row) => row.includes(id))).toBe(true);
              expect(record.siblingHits).toEqual([]);
            });
          } finally {
            await simulator.close();
          }
        }),
        { numRuns: 15 },
      );
    },
    RUNS_MS_MAX,
  );
});
