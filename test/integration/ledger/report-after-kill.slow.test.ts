import { describe, it } from 'vitest';

import { checkReportsAfterKill } from '../../support/ledger/report-after-kill.ts';

describe('after a kill', () => {
  it('at any instant, whatever has become of the report since, there is exactly one line for each record', () => checkReportsAfterKill(60));
});
