import { describe, expect, it } from 'vitest';

import type { CheckpointFacts, EndedBy } from '../../../src/checkpoint/facts.ts';
import { UserError } from '../../../src/domain/errors.ts';
import { decide, type Decision, type DecisionContext } from '../../../src/purge/decide.ts';
import { DEFINITION, UNFINISHED_FACTS } from '../../support/ledger/checkpoint.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_000 * HOUR_MS;

const UNFINISHED: CheckpointFacts = { ...UNFINISHED_FACTS, lastWorkedAtMs: NOW_MS - HOUR_MS };
const NOTHING_DONE: Partial<CheckpointFacts> = {
  hasOutcomes: false,
  outcomes: { deleted: 0, absent: 0, failed: 0, planned: 0 },
  pending: 10,
};
const INTAKE_UNFINISHED: Partial<CheckpointFacts> = { intake: { ...UNFINISHED.intake, complete: false } };
const FINISHED: Partial<CheckpointFacts> = { state: 'finished', finishedAtMs: NOW_MS - 2 * HOUR_MS, pending: 0 };

const GIVEN: DecisionContext['given'] = {
  repeated: { delete: ['--rate', '20/1s'], resume: ['--rate', '20/1s'] },
  spelledWith: (flag) => `images-purge delete /data/ids.csv ${flag}`,
};

interface Given extends Partial<Omit<DecisionContext, 'isSameSource' | 'isSameFile'>> {
  readonly isSameFile?: boolean;
  readonly isSameSource?: boolean | 'not asked';
}

async function decided(facts: Partial<CheckpointFacts> | undefined, given: Given = {}): Promise<Decision | string> {
  const { isSameSource = true, isSameFile = true, ...more } = given;
  const context: DecisionContext = {
    checkpointPath: 'ids.csv.checkpoint',
    given: GIVEN,
    command: 'delete',
    accountId: DEFINITION.accountId,
    baseUrl: DEFINITION.baseUrl,
    supersede: false,
    dropsGuards: false,
    lostGuards: [],
    ageMsMax: 168 * HOUR_MS,
    nowMs: NOW_MS,
    isSameSource: () => (isSameSource === 'not asked' ? Promise.reject(new Error('the source was read')) : Promise.resolve(isSameSource)),
    isSameFile: () => Promise.resolve(isSameFile),
    notHeld: () => Promise.resolve({ kind: 'counted', count: 1 }),
    ...more,
  };
  try {
    return await decide(facts === undefined ? undefined : { ...UNFINISHED, ...facts }, context);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.exitCode).toBe(7);
    return error.code;
  }
}

const ENDED_BY_ITSELF: readonly EndedBy[] = ['guard', 'absent-rule', 'strict', 'refused-question', 'usage', 'credentials'];
const OTHER_ACCOUNT: Given = { accountId: 'ffffffffffffffffffffffffffffffff' };
const OTHER_ROOT: Given = { baseUrl: 'https://elsewhere.example/client/v4' };

describe('where nothing lies', () => {
  it('a new purge begins', async () => {
    expect(await decided(undefined, { isSameSource: 'not asked' })).toEqual({ kind: 'begin' });
  });
});

describe('what holds nothing worth keeping is replaced, whatever its account or source', () => {
  const given: Given = { ...OTHER_ACCOUNT, isSameSource: 'not asked' };

  it.each(ENDED_BY_ITSELF)('a purge that ended by %s without any outcome', async (endedBy) => {
    expect(await decided({ ...NOTHING_DONE, endedBy }, given)).toEqual({ kind: 'replace' });
    expect(await decided({ ...NOTHING_DONE, ...INTAKE_UNFINISHED, endedBy, lastWorkedAtMs: 0 }, given)).toEqual({ kind: 'replace' });
  });

  it.each(ENDED_BY_ITSELF)('but not one that ended by %s with an outcome or a request unanswered', async (endedBy) => {
    expect(await decided({ endedBy })).toEqual({ kind: 'resume', readAgain: false });
    expect(await decided({ ...NOTHING_DONE, hasUnanswered: true, endedBy })).toEqual({ kind: 'resume', readAgain: false });
    expect(await decided({ ...NOTHING_DONE, hasUnanswered: true, endedBy }, OTHER_ACCOUNT)).toBe('OTHER_ACCOUNT');
  });

  it('nor one that was stopped or killed before its first outcome', async () => {
    expect(await decided(NOTHING_DONE)).toEqual({ kind: 'resume', readAgain: false });
  });
});

describe('a plan', () => {
  const plan: Partial<CheckpointFacts> = { ...NOTHING_DONE, state: 'planned' };

  it('is made again by plan, whatever its account, source and age', async () => {
    const given: Given = { ...OTHER_ACCOUNT, ...OTHER_ROOT, isSameSource: 'not asked', command: 'plan' };
    expect(await decided(plan, given)).toEqual({ kind: 'replace' });
    expect(await decided({ ...plan, lastWorkedAtMs: 0 }, given)).toEqual({ kind: 'replace' });
  });

  it('is carried out by delete of the same list', async () => {
    expect(await decided(plan)).toEqual({ kind: 'resume', readAgain: false });
    expect(await decided(plan, { ageMsMax: HOUR_MS - 1 })).toBe('TOO_OLD');
  });

  it('is in the way of delete of another list or for another account, which sets it aside with --supersede', async () => {
    expect(await decided(plan, { isSameSource: false })).toBe('PLAN_IN_THE_WAY');
    expect(await decided(plan, OTHER_ACCOUNT)).toBe('OTHER_ACCOUNT');
    expect(await decided(plan, { isSameSource: false, supersede: true })).toEqual({ kind: 'set-aside', stampMs: NOW_MS - HOUR_MS });
  });

  it('that was not read to its end is read again by delete', async () => {
    expect(await decided({ ...plan, ...INTAKE_UNFINISHED }, { isSameSource: 'not asked' })).toEqual({ kind: 'resume', readAgain: true });
  });
});

describe('guards that the command lacks', () => {
  const lacking: Given = { lostGuards: [{ named: '--min-ids 3', option: '--min-ids 3', goneFiles: [] }] };
  const plan: Partial<CheckpointFacts> = { ...NOTHING_DONE, state: 'planned' };
  const refused: Partial<CheckpointFacts> = { ...NOTHING_DONE, endedBy: 'guard' };

  it.each<[string, Partial<CheckpointFacts>, Given]>([
    ['a plan that is made again', plan, { command: 'plan' }],
    ['a plan that is carried out', plan, {}],
    ['a plan that is set aside', plan, { isSameSource: false, supersede: true }],
    ['a purge that ended by itself', refused, {}],
    ['a purge of another list that is set aside', {}, { isSameSource: false, supersede: true }],
    ['a purge whose list was not read to its end and is another now', INTAKE_UNFINISHED, { isSameFile: false, supersede: true }],
    ['another account’s purge that is set aside', {}, { ...OTHER_ACCOUNT, supersede: true }],
  ])('are not lost with %s, unless they are dropped', async (_, facts, given) => {
    expect(await decided(facts, { ...given, ...lacking })).toBe('GUARDS_LOST');
    expect(await decided(facts, { ...given, ...lacking, dropsGuards: true })).toEqual(await decided(facts, given));
  });

  it.each<[string, Partial<CheckpointFacts>]>([
    ['a finished purge', FINISHED],
    ['a purge that is resumed', {}],
    ['a list that is read again', INTAKE_UNFINISHED],
  ])('do not matter to %s', async (_, facts) => {
    expect(await decided(facts, lacking)).toEqual(await decided(facts));
  });
});

describe('another account’s or another API root’s purge', () => {
  it.each([UNFINISHED, INTAKE_UNFINISHED, FINISHED, NOTHING_DONE])('is refused, and set aside with --supersede', async (facts) => {
    expect(await decided(facts, { ...OTHER_ACCOUNT, isSameSource: 'not asked' })).toBe('OTHER_ACCOUNT');
    expect(await decided(facts, { ...OTHER_ROOT, isSameSource: 'not asked' })).toBe('OTHER_API_ROOT');
    expect(await decided(facts, { ...OTHER_ACCOUNT, isSameSource: 'not asked', supersede: true })).toMatchObject({ kind: 'set-aside' });
  });

  it('is the same account in capitals', async () => {
    expect(await decided({}, { accountId: DEFINITION.accountId.toUpperCase() })).toEqual({ kind: 'resume', readAgain: false });
  });
});

describe('a finished purge', () => {
  it('is set aside under the time it finished, and its source is not looked at', async () => {
    expect(await decided(FINISHED, { isSameSource: 'not asked' })).toEqual({ kind: 'set-aside', stampMs: NOW_MS - 2 * HOUR_MS });
    expect(await decided(FINISHED, { isSameSource: 'not asked', command: 'plan' })).toMatchObject({ kind: 'set-aside' });
  });

  it('is no reason to refuse, however old', async () => {
    expect(await decided({ ...FINISHED, finishedAtMs: 0, lastWorkedAtMs: 0 })).toEqual({ kind: 'set-aside', stampMs: 0 });
  });

  it('without any outcome, all rows protected or rejected, is set aside too', async () => {
    expect(await decided({ ...FINISHED, ...NOTHING_DONE, pending: 0 })).toMatchObject({ kind: 'set-aside' });
  });
});

describe('an unfinished purge', () => {
  it('of the same sources goes on', async () => {
    expect(await decided({})).toEqual({ kind: 'resume', readAgain: false });
  });

  it.each([true, false])('whose intake is unfinished reads its source again from the start (same source: %s)', async (isSameSource) => {
    expect(await decided(INTAKE_UNFINISHED, { isSameSource })).toEqual({ kind: 'resume', readAgain: true });
    expect(await decided({ ...INTAKE_UNFINISHED, ...NOTHING_DONE }, { isSameSource })).toEqual({ kind: 'resume', readAgain: true });
  });

  it('of another list is refused, and names both ways on', async () => {
    expect(await decided({}, { isSameSource: false })).toBe('OTHER_LIST');
    await expect(
      decide(UNFINISHED, {
        checkpointPath: '/data/x.checkpoint',
        given: GIVEN,
        command: 'delete',
        accountId: DEFINITION.accountId,
        baseUrl: DEFINITION.baseUrl,
        supersede: false,
        dropsGuards: false,
        lostGuards: [],
        isSameFile: () => Promise.resolve(false),
        notHeld: () => Promise.resolve({ kind: 'counted', count: 2 }),
        ageMsMax: Infinity,
        nowMs: NOW_MS,
        isSameSource: () => Promise.resolve(false),
      }),
    ).rejects.toMatchObject({
      message: '/data/x.checkpoint holds an unfinished purge of another list (ids.csv, 6 IDs left); nothing was sent.',
      nextSteps: [
        'Finishing it deletes 2 IDs that the list given now does not hold, of the 6 that are left.',
        expect.stringMatching(/^Finish it: +images-purge resume \/data\/x\.checkpoint .*--rate 20\/1s$/),
        'Set it aside:     images-purge delete /data/ids.csv --supersede',
      ],
    });
  });

  it('of another list is set aside with --supersede, however old, under its last working time, also after a crash', async () => {
    expect(await decided({}, { isSameSource: false, supersede: true })).toEqual({ kind: 'set-aside', stampMs: NOW_MS - HOUR_MS });
    expect(await decided({ lastWorkedAtMs: 0 }, { isSameSource: false, supersede: true })).toEqual({ kind: 'set-aside', stampMs: 0 });
  });

  it('of the same list goes on in spite of --supersede', async () => {
    expect(await decided({}, { supersede: true })).toEqual({ kind: 'resume', readAgain: false });
    expect(await decided(INTAKE_UNFINISHED, { supersede: true })).toEqual({ kind: 'resume', readAgain: true });
    expect(await decided(INTAKE_UNFINISHED, { supersede: true, isSameFile: false })).toMatchObject({ kind: 'set-aside' });
  });

  it('last worked on longer ago than --max-age is refused, and one exactly as old is not', async () => {
    const ageMsMax = HOUR_MS;
    expect(await decided({}, { ageMsMax })).toEqual({ kind: 'resume', readAgain: false });
    expect(await decided({}, { ageMsMax: HOUR_MS - 1 })).toBe('TOO_OLD');
    // Old IDs are sent only once they are met again.
    expect(await decided(INTAKE_UNFINISHED, { ageMsMax: HOUR_MS - 1 })).toEqual({ kind: 'resume', readAgain: true });
    const future = { lastWorkedAtMs: NOW_MS + HOUR_MS };
    expect(await decided(future)).toBe('TOO_OLD');
    expect(await decided({ lastWorkedAtMs: NOW_MS + 60_000 })).toEqual({ kind: 'resume', readAgain: false });
  });
});

describe('plan', () => {
  it('touches no unfinished purge with outcomes', async () => {
    expect(await decided({}, { command: 'plan', isSameSource: 'not asked', supersede: true })).toBe('PURGE_IN_THE_WAY');
    expect(await decided(INTAKE_UNFINISHED, { command: 'plan', isSameSource: 'not asked' })).toBe('PURGE_IN_THE_WAY');
  });

  it('does with one without outcomes what delete does', async () => {
    expect(await decided(NOTHING_DONE, { command: 'plan' })).toEqual({ kind: 'resume', readAgain: false });
    expect(await decided(NOTHING_DONE, { command: 'plan', isSameSource: false })).toBe('OTHER_LIST');
  });
});
