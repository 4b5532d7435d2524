import { describe, expect, test } from 'vitest';

import { ruleText } from '../../../src/text/rule-text.ts';

const file = { rule: 'keep.txt', entries: 2, held: 0, near: 0 };
const pattern = { rule: '--exclude-id brand/*', entries: 1, held: 0, near: 0 };

describe('what a rule did', () => {
  test('is told of the whole list only once it has been read', () => {
    expect(ruleText(file)).toBe('keep.txt: 2 entries, none of them is in the list');
    expect(ruleText(pattern)).toBe('--exclude-id brand/*: fits no ID of the list');
    expect(ruleText(file, false)).toBe('keep.txt: 2 entries, none of them read so far');
    expect(ruleText(pattern, false)).toBe('--exclude-id brand/*: fits no ID read so far');
    expect(ruleText({ ...pattern, held: 3, near: 1 }, false)).toBe('--exclude-id brand/*: 3 IDs held, 1 of them spelled otherwise');
  });
});
