import { describe, expect, it } from 'vitest';

import { checkSet, checkShare, type GuardOrigin } from '../../../src/plan/guards.ts';

const NONE = { strict: false, idCountMin: 0, deletesCountMax: null, deletesPercentMax: null, protectedCountMin: 0 };
const SET = { accepted: 100, rejected: 0, suspicious: [], protected: 0, deleted: 0, isFinal: true };
const ENCODED = { kind: 'percent-encoded', count: 3, example: 'a%2Fb', source: 'ids.csv', line: 12 };
const OWN: GuardOrigin = { recordedIn: undefined, isStartOver: true };
const RECORDED: GuardOrigin = { recordedIn: 'x.checkpoint', isStartOver: false };

describe('guards', () => {
  it('let a set pass that meets each of them exactly', () => {
    expect(
      checkSet(
        { ...SET, protected: 3 },
        { ...NONE, strict: true, idCountMin: 100, deletesCountMax: 100, protectedCountMin: 3 },
        OWN,
        undefined,
      ),
    ).toBeUndefined();
    expect(checkShare(SET, { ...NONE, deletesPercentMax: 25 }, OWN, 400)).toBeUndefined();
  });

  it('that judge what is left of a set wait until nothing more is protected of it', () => {
    const guards = { ...NONE, idCountMin: 100, deletesCountMax: 99, protectedCountMin: 1 };
    expect(checkSet({ ...SET, isFinal: false }, guards, OWN, undefined)).toBeUndefined();
    expect(checkSet({ ...SET, isFinal: false }, { ...guards, idCountMin: 101 }, OWN, undefined)).toMatchObject({ code: 'MIN_IDS' });
    expect(checkSet(SET, guards, OWN, undefined)).toMatchObject({ code: 'MIN_PROTECTED' });
  });

  it.each([
    [{ ...NONE, strict: true }, { ...SET, rejected: 1 }, 'STRICT', 7],
    [{ ...NONE, strict: true }, { ...SET, suspicious: [ENCODED] }, 'STRICT', 7],
    [{ ...NONE, idCountMin: 101 }, SET, 'MIN_IDS', 7],
    [{ ...NONE, deletesCountMax: 99 }, SET, 'MAX_DELETES', 7],
    [{ ...NONE, protectedCountMin: 3 }, { ...SET, protected: 2 }, 'MIN_PROTECTED', 7],
  ])('refuse one beyond: %j', (guards, set, code, exitCode) =>
    expect(checkSet(set, guards, OWN, 'r.ndjson')).toMatchObject({ code, exitCode }),
  );

  it('refuse a share beyond the account’s images, and any share where they cannot be counted', () => {
    expect(checkShare(SET, { ...NONE, deletesPercentMax: 24.9 }, OWN, 400)).toMatchObject({ code: 'MAX_DELETES', exitCode: 7 });
    expect(checkShare(SET, { ...NONE, deletesPercentMax: 25 }, OWN, undefined)).toMatchObject({ code: 'MAX_DELETES_UNKNOWN', exitCode: 7 });
    expect(checkShare(SET, NONE, OWN, undefined)).toBeUndefined();
  });

  it('measure a share by the images there were before this purge began', () => {
    expect(checkShare({ ...SET, deleted: 60 }, { ...NONE, deletesPercentMax: 25 }, OWN, 340)).toBeUndefined();
  });

  it.each([
    ['--min-ids 101', (origin: GuardOrigin) => checkSet(SET, { ...NONE, idCountMin: 101 }, origin, undefined)],
    ['--max-deletes 99', (origin: GuardOrigin) => checkSet(SET, { ...NONE, deletesCountMax: 99 }, origin, undefined)],
    ['--max-deletes 1%', (origin: GuardOrigin) => checkShare(SET, { ...NONE, deletesPercentMax: 1 }, origin, 400)],
    ['--max-deletes 1%', (origin: GuardOrigin) => checkShare(SET, { ...NONE, deletesPercentMax: 1 }, origin, undefined)],
    ['--strict', (origin: GuardOrigin) => checkSet({ ...SET, rejected: 1 }, { ...NONE, strict: true }, origin, undefined)],
  ])('that are recorded, such as %s, say where, and ask for nothing that would not help', (guard, check) => {
    const own = check(OWN);
    expect(own?.message).toContain(guard);
    expect(own?.nextSteps.join(' ')).toMatch(/or (lower|raise|give)|run the same command/);
    const recorded = check(RECORDED);
    expect(recorded?.message).toContain(`${guard} (recorded in x.checkpoint)`);
    expect(recorded?.nextSteps.join(' ')).toContain('--drop-guards');
    expect(recorded?.nextSteps.join(' ')).not.toMatch(/or (lower|raise|give)|run the same command/);
  });

  it('name what --strict has found, with an example and its line, and the way out', () => {
    const refusal = checkSet({ ...SET, rejected: 2, suspicious: [ENCODED] }, { ...NONE, strict: true }, OWN, 'r.ndjson');
    expect(refusal?.message).toContain('2 rejected rows; 3 percent-encoded (such as a%2Fb, ids.csv line 12). Nothing was sent.');
    expect(refusal?.nextSteps).toContain('If the values are IDs exactly as they stand: --literal');
  });

  it('let IDs pass that differ from one another only in case: each may be an image', () => {
    const suspicious = [{ ...ENCODED, kind: 'near-duplicate' }];
    expect(checkSet({ ...SET, suspicious }, { ...NONE, strict: true }, OWN, undefined)).toBeUndefined();
  });

  it('ask for no fixed source where that would be another list', () => {
    const refusal = checkSet({ ...SET, rejected: 1 }, { ...NONE, strict: true }, { recordedIn: undefined, isStartOver: false }, undefined);
    expect(refusal?.nextSteps).toContain('Go on without --strict, or fix the source and give it another --checkpoint.');
  });
});
