import { describe, expect, it } from 'vitest';

import { itemSum } from '../../../src/checkpoint/format/sound-item.ts';
import { TestCheckpoint } from '../../support/ledger/checkpoint.ts';

const COUNT = 120_010;

/** A list of which all have a result but these. */
function withPending(pending: readonly number[]): TestCheckpoint {
  const checkpoint = new TestCheckpoint();
  const { db } = checkpoint;
  checkpoint.read([]);
  const item = db.prepare('INSERT INTO item (seq, id, source, line, sum) VALUES (?, ?, 0, ?, ?)');
  const result = db.prepare('INSERT INTO result VALUES (?, 1, 200, 1, 1, 1, 0)');
  const isPending = new Set(pending);
  db.exec('BEGIN');
  for (let seq = 1; seq <= COUNT; seq++) {
    item.run(seq, `image-${seq}`, seq, itemSum(seq, `image-${seq}`));
    if (!isPending.has(seq)) result.run(seq);
  }
  db.exec(`UPDATE state SET next_seq = ${COUNT + 1}; COMMIT`);
  return checkpoint;
}

describe('the next pending IDs behind many that are done', () => {
  it.each([[[1]], [[50_000]], [[50_001]], [[60_000, 99_999, 100_001]], [[COUNT]], [[]]])('are all handed out, in order: %j', (pending) => {
    using checkpoint = withPending(pending);
    expect(checkpoint.take(10).map(({ seq }) => seq)).toEqual(pending);
  });
});
