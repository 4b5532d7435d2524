import { describe, expect, it } from 'vitest';

import type { Exchange } from '../../../src/cloudflare/types.ts';
import type { AccountAccess } from '../../../src/connect/account-access.ts';
import { isNewerRule, newerRuleName, widerAge } from '../../../src/domain/spelling/newer-rule.ts';
import { withServerTime } from '../../../src/list/server-time.ts';
import { isNewer } from '../../../src/purge/account/protect-newer.ts';
import { ruleText } from '../../../src/text/rule-text.ts';

describe('which images are newer', () => {
  it('those uploaded after the time, not at it, and those of which no time is told', () => {
    expect([99, 100, 101, undefined].map((uploadedMs) => isNewer({ uploadedMs }, 100))).toEqual([false, false, true, true]);
  });

  it.each([
    ['the API’s clock is behind', 'Thu, 01 Jan 1970 00:00:10 GMT', 20_000, 10_000],
    ['this machine’s clock is behind', 'Thu, 01 Jan 1970 00:00:30 GMT', 20_000, 20_000],
    ['the API tells no time', undefined, 20_000, 20_000],
    ['what it tells is none', 'yesterday', 20_000, 20_000],
  ])('counted from the earlier clock where %s', async (_, date, localMs, expected) => {
    const listImages = (): Promise<Exchange> => Promise.resolve({ kind: 'answer', httpStatus: 200, date } as Exchange);
    const { access, nowMs } = withServerTime({ reader: { listImages } } as unknown as AccountAccess, localMs);
    await access.reader.listImages('');
    expect(nowMs()).toBe(expected);
  });
});

describe('the rule of an age', () => {
  it('has a name that no exclude file has', () => {
    expect(newerRuleName(2_592_000_000)).toBe('--protect-newer-than 30d');
    expect([newerRuleName(1), '--exclude-id a', '/keep.txt', ''].map(isNewerRule)).toEqual([true, false, false, false]);
  });

  it('gets wider and never narrower', () => {
    expect([widerAge(null, null), widerAge(1, null), widerAge(null, 2), widerAge(3, 2)]).toEqual([null, 1, 2, 3]);
  });

  it('says wherever it is named what it cannot see', () => {
    const rule = '--protect-newer-than 30d';
    const unlisted = 'drafts and images that the account’s list does not show are not protected by it';
    expect(ruleText({ rule, entries: 12, held: 3, near: 1 })).toBe(
      `${rule}: 12 newer images, 3 IDs held, 1 of them spelled otherwise; ${unlisted}`,
    );
    expect(ruleText({ rule, entries: 1, held: 0, near: 0 })).toBe(`${rule}: 1 newer image, none of them is in the list; ${unlisted}`);
  });
});
