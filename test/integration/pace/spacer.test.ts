import { afterEach, expect, it, vi } from 'vitest';

import { createBottleneckSpacer } from '../../../src/pace/spacer.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('a wall clock that is set back by an hour does not stop the spacing for an hour', async () => {
  const spacer = createBottleneckSpacer(5);
  await spacer.next();
  const wallMs = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => wallMs() - 3_600_000);
  await spacer.next();
  await spacer.next();
  await spacer.close();
});

it('closing makes everybody who waits for a batch give up', async () => {
  const spacer = createBottleneckSpacer(3_600_000);
  await spacer.next();
  const waiting = [spacer.next(), spacer.next()].map((batch) =>
    batch.then(
      () => 'handed out',
      () => 'given up',
    ),
  );
  await spacer.close();
  expect(await Promise.all(waiting)).toEqual(['given up', 'given up']);
});
