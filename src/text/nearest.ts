/** So many letters added, left out or put for another are a slip. */
const EDITS_MAX = 2;

/**
 * The known word that a person most likely meant: the one of the fewest edits, two at most, and fewer than half of its letters.
 *
 * @param plain - what of a word is compared
 */
export function nearestTo(word: string, known: Iterable<string>, plain = (text: string): string => text): string | undefined {
  const plainWord = plain(word);
  let nearest: { readonly word: string; readonly edits: number } | undefined;
  for (const candidate of known) {
    const plainCandidate = plain(candidate);
    // Most words are far from each other by their length alone.
    if (Math.abs(plainCandidate.length - plainWord.length) > EDITS_MAX) continue;
    const edits = editDistance(plainWord, plainCandidate);
    if (edits > EDITS_MAX || edits * 2 >= plainCandidate.length) continue;
    if (edits < (nearest?.edits ?? Infinity)) nearest = { word: candidate, edits };
  }
  return nearest?.word;
}

/** Levenshtein's: how many letters must be added, left out or put for another to make one text the other. */
export function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substituted));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
