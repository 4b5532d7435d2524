import { describe, expect, it } from 'vitest';

import { listEndingText, listProgressText } from '../../../src/cli/texts/list-text.ts';
import { UserError } from '../../../src/domain/errors.ts';
import type { ListProgress, ListResult } from '../../../src/list/list-request.ts';

const PROGRESS: ListProgress = { read: 12_000, listed: 8_113, leftOut: 0, repeated: 0, total: 1_204_551, perSecond: 3_333.3 };
const RESULT: ListResult = {
  exitCode: 0,
  error: undefined,
  endedBecause: 'finished',
  isComplete: true,
  counts: { read: 12_000, listed: 8_113, leftOut: 0, repeated: 0 },
  requests: 12,
  elapsedMs: 3_600,
  canGoOn: false,
};

describe('how far a list is', () => {
  it('is told with the account’s total and the time left', () => {
    expect(listProgressText(PROGRESS, 100)).toBe(' 12,000 of 1,204,551 images read, 8,113 listed  3,333/s  5 min 58 s left');
  });

  it('is told without them where the API filters, or nothing has come yet', () => {
    expect(listProgressText({ ...PROGRESS, total: undefined }, 100)).toBe(' 12,000 images read, 8,113 listed  3,333/s');
    expect(listProgressText({ ...PROGRESS, perSecond: 0 }, 100)).toBe(' 12,000 of 1,204,551 images read, 8,113 listed  0/s');
  });

  it('is never below nothing left, nor wider than the terminal', () => {
    expect(listProgressText({ ...PROGRESS, total: 5 }, 100)).toContain('0 ms left');
    expect(listProgressText(PROGRESS, 20)).toHaveLength(20);
  });
});

describe('the ending', () => {
  const error = new UserError({ code: 'GAVE_UP', exitCode: 4, message: 'no', nextSteps: [] });

  it.each<[given: Partial<ListResult>, outPath: string | undefined, text: string]>([
    [{}, undefined, ''],
    [{}, 'all.csv', 'all.csv: 8,113 images of 12,000 read, in 3.6 s (12 requests)\n'],
    [{ counts: { ...RESULT.counts, listed: 12_000 } }, 'all.csv', 'all.csv: 12,000 images, in 3.6 s (12 requests)\n'],
    [
      { isComplete: false, endedBecause: 'stopped by SIGINT', canGoOn: true },
      'all.csv',
      'List stopped by SIGINT: 12,000 images read, 8,113 listed, kept beside all.csv. The same command goes on there:\n  CMD\n',
    ],
    [{ isComplete: false, error }, undefined, '12,000 images read, 8,113 listed: what was written is not the whole list.\n'],
    [{ isComplete: false, error, requests: 0 }, 'all.csv', ''],
    [
      { isComplete: false, error, counts: { ...RESULT.counts, read: 0, listed: 0 } },
      'all.csv',
      '0 images read, 0 listed; nothing was written to all.csv.\n',
    ],
  ])('%j to %s', (given, outPath, text) => expect(listEndingText({ ...RESULT, ...given }, outPath, 'CMD')).toBe(text));
});
