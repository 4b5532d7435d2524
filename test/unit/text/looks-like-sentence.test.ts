import { expect, it } from 'vitest';

import { looksLikeSentence } from '../../../src/read/form/prose.ts';

it.each([
  'Please do not delete these images at all.',
  'it is shown on our front page, always',
  'Bitte löschen Sie diese Bilder auf keinen Fall!',
])('%j reads like a sentence', (row) => expect(looksLikeSentence(row)).toBe(true));

it.each([
  'keep-1',
  'summer sale',
  'smith, john.jpg',
  'hero (1)',
  'summer sale banner with logo',
  'keep-1, keep-2, keep-3, keep-4, keep-5, keep-6',
])('%j may be an ID, or IDs', (row) => expect(looksLikeSentence(row)).toBe(false));
