import { describe, expect, it } from 'vitest';

import type { PlanSummary } from '../../../src/run/run-options.ts';
import { confirm } from '../../../src/purge/consent/confirm.ts';

const PLAN: PlanSummary = {
  accountId: 'a',
  baseUrl: 'https://api.example.com/client/v4',
  sources: [],
  accountImageCount: 10,
  toDelete: 1_234,
  digest: '1a2b3c4d5e6f',
  samples: [],
  duplicates: 0,
  protected: 0,
  protectedBy: [],
  rejected: 0,
  rejectedSamples: [],
  skipped: 0,
  suspicious: [],
  rate: { kind: 'unlimited' },
  laneCount: 1,
  isBatch: false,
  expectedMs: undefined,
  sendCountMax: Infinity,
  uncheckedPercentMax: undefined,
  waitingForList: [],
  backup: undefined,
};

describe('a purge that is to be confirmed', () => {
  const halt = new AbortController();

  it('begins where a person types exactly what the plan asks for', async () => {
    expect(await confirm(async () => 'delete 1234', PLAN, halt.signal)).toBeUndefined();
  });

  it.each(['', 'y', 'yes', 'delete', 'delete 1,234', 'delete 12345', 'Delete 1234', 'delete 1234 '])(
    'does not for %j: exit 7, with what to type',
    async (answer) => {
      expect(await confirm(async () => answer, PLAN, halt.signal)).toMatchObject({
        code: 'NOT_CONFIRMED',
        exitCode: 7,
        nextSteps: ['To begin, type exactly: delete 1234'],
      });
    },
  );

  it('does not where there is nobody to ask: exit 2', async () => {
    expect(await confirm(undefined, PLAN, halt.signal)).toMatchObject({ code: 'NO_ONE_TO_ASK', exitCode: 2 });
  });

  it('that was told to stop while it asked is no refusal', async () => {
    const stopped = new AbortController();
    const ask = async (): Promise<string> => {
      stopped.abort();
      return '';
    };
    expect(await confirm(ask, PLAN, stopped.signal)).toBeUndefined();
  });
});
