/** Shorter, and it may be a name: `summer sale banner`. */
const SENTENCE_WORDS_MIN = 6;
const LETTERS_SHARE_MIN = 0.8;

/** Whether a row reads like a sentence, and not like an ID. */
export function looksLikeSentence(row: string): boolean {
  const words = row.trim().split(/\s+/);
  if (words.length < SENTENCE_WORDS_MIN) return false;
  const lettersCount = words.filter((word) => /^["'(]?\p{L}[\p{L}\p{M}'’-]*[.,;:!?"')]*$/u.test(word)).length;
  return lettersCount >= words.length * LETTERS_SHARE_MIN;
}
