import { describe, expect, it } from 'vitest';

import { checkSet, checkShare } from '../../src/plan/guards.ts';

const NONE = { strict: false, idCountMin: 0, deletesCountMax: null, deletesPercentMax: null };
const SET = { accepted: 100, rejected: 0, deleted: 0 };

describe('guards', () => {
  it('let a set pass that meets each of them exactly', () => {
    expect(checkSet(SET, { ...NONE, strict: true, idCountMin: 100, deletesCountMax: 100 }, undefined)).toBeUndefined();
    expect(checkShare(SET, { ...NONE, deletesPercentMax: 25 }, 400)).toBeUndefined();
  });

  it.each([
    [{ ...NONE, strict: true }, { ...SET, rejected: 1 }, 'STRICT', 1],
    [{ ...NONE, idCountMin: 101 }, SET, 'MIN_IDS', 7],
    [{ ...NONE, deletesCountMax: 99 }, SET, 'MAX_DELETES', 7],
  ])('refuse one beyond: %j', (guards, set, code, exitCode) => expect(checkSet(set, guards, 'r.ndjson')).toMatchObject({ code, exitCode }));

  it('refuse a share beyond the account’s images, and any share where they cannot be counted', () => {
    expect(checkShare(SET, { ...NONE, deletesPercentMax: 24.9 }, 400)).toMatchObject({ code: 'MAX_DELETES', exitCode: 7 });
    expect(checkShare(SET, { ...NONE, deletesPercentMax: 25 }, undefined)).toMatchObject({ code: 'MAX_DELETES_UNKNOWN', exitCode: 7 });
    expect(checkShare(SET, NONE, undefined)).toBeUndefined();
  });

  it('measure a share by the images there were before this purge began', () => {
    expect(checkShare({ ...SET, deleted: 60 }, { ...NONE, deletesPercentMax: 25 }, 340)).toBeUndefined();
  });
});
