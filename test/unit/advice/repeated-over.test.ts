import { describe, expect, it } from 'vitest';

import { repeatedOver } from '../../../src/advice/repeated-over.ts';

const over = (recorded: readonly string[], given: readonly string[]): readonly string[] =>
  repeatedOver({ delete: [], resume: recorded }, { delete: [], resume: given }).resume;

describe('what a purge on record was run with', () => {
  it('is repeated where this command says nothing of it', () => {
    expect(over(['--max-failures', '5', '--expect-absent', '--report', '/r.ndjson'], [])).toEqual([
      '--max-failures',
      '5',
      '--expect-absent',
      '--report',
      '/r.ndjson',
    ]);
    expect(over(['--limit', '3', '--max-duration', '1h'], ['--limit', '9'])).toEqual(['--limit', '9', '--max-duration', '1h']);
  });

  it('is none of the pace on other lanes: that belongs together', () => {
    expect(over(['--batch-tokens', '4', '--rate', '200/s', '--timeout', '9s'], ['--concurrency', '8'])).toEqual([
      '--concurrency',
      '8',
      '--timeout',
      '9s',
    ]);
  });
});
