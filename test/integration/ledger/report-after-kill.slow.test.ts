import { describe, expect, it } from 'vitest';

import { findWrongReportAfterKill } from '../../support/ledger/report-after-kill.ts';

describe('after a kill', () => {
  it('at any instant, whatever has become of the report since, there is exactly one line for each record', async () => {
    expect(await findWrongReportAfterKill(30)).toBeUndefined();
  });
});
