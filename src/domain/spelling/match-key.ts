/**
 * One key for all spellings of an ID that a person may take for the same: capitals, percent-encoding, characters that cannot be
 * seen, composed and decomposed letters. IDs are protected by it, and never sent by it.
 *
 * @module
 */

/** Such a text is its own key but for its capitals. */
const ASCII_WITHOUT_PERCENT = /^[\x21-\x24\x26-\x7e]*$/;
const ENCODED_BYTES = /(?:%[0-9A-Fa-f]{2})+/g;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu;
const CAPITAL = /[A-Z]/;

/**
 * The key: percent-decoded once (malformed escapes stay), without invisible characters, NFC, Unicode's default case folding, NFC.
 *
 * @param text - an ID or the entry of a list that protects, white space around it trimmed
 */
export function matchKey(text: string): string {
  if (ASCII_WITHOUT_PERCENT.test(text)) return CAPITAL.test(text) ? text.toLowerCase() : text;
  const decoded = text.replaceAll(ENCODED_BYTES, decodedOrSame);
  return foldCase(withoutInvisible(decoded).normalize('NFC')).normalize('NFC');
}

export function hasInvisible(text: string): boolean {
  return withoutInvisible(text) !== text;
}

export function withoutInvisible(text: string): string {
  return text.replaceAll(INVISIBLE, '');
}

function decodedOrSame(bytes: string): string {
  try {
    return decodeURIComponent(bytes);
  } catch {
    return bytes; // Not UTF-8: percent signs of their own.
  }
}

/**
 * Case folding by way of the case mappings, which Node has: a text's fold is the lower case of the upper case of its lower case (`ß`
 * and `SS`, `ſ` and `s`). The dotless ı has an upper case, I, that is another letter's too, and folds to itself.
 */
function foldCase(text: string): string {
  if (text.includes('ı')) return text.split('ı').map(foldCase).join('ı');
  const folded = text.toLowerCase().toUpperCase().toLowerCase();
  // A sigma at the end of a word is a spelling of sigma.
  return folded.replaceAll('ς', 'σ');
}
