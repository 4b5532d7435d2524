import * as fc from 'fast-check';

/** What breaks programs: delimiters, half characters, marks that reorder, sequences that move cursors, other people's syntax. */
const PIECES: readonly string[] = [
  '', ' ', '\t', '\n', '\r', '\r\n', '\u0000', '\u0007', '\u001b[2J', '\u001b]0;title\u0007', '\u007f', '\u0085', '\u009b31m', '\u00a0', '\u00ad', '\u200b', '\u200d', '\u200f', '\u202e', '\u2028', '\u2029', '\u2066', '\ufeff', '\ufffd', '\ufffe',
  '\ud800', '\udc00', '👩‍🚀', '👍', 'é', 'e\u0301', 'Å', 'A\u030a', '\u0301', 'ﬁ', 'İ', 'ß', '／', '．．',
  '"', "'", ',', ';', '|', '/', '//', '\\', '..', '.', '%', '%2F', '%00', '%zz', '?', '#', '=', '+', '-', '@', '=cmd|x', '＝1',
  '{', '}', '[', ']', ':', '{"id":"a"}', '{"id":', 'null', 'true', 'id', 'image_id', 'imageId', '__proto__', 'constructor', 'toString',
  'variants', 'variants/x', 'keys', 'stats', 'batch_token', 'config', 'direct_upload', 'https://', 'http://x', 'imagedelivery.net', '# ', '#', '0', '1', '00', '9'.repeat(20), '1e9', '-1', '0x10', 'Infinity', 'NaN', '١',
  'ms', 's', 'm', 'h', 'd', '%', 'unlimited', '-', '--', '--yes', '--rate', '--exclude', '--report=-', 'delete', 'resume', 'help', 'q=', 'r=', 'w=', 't=', '"default";', 'a'.repeat(40), 'x'.repeat(1_100),
];

/** Any text, most of it hostile. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.uuid(),
);

/** Characters that a terminal obeys instead of showing; a line end is what texts of several lines are made of. */
export const OBEYED_BY_TERMINALS: RegExp = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
