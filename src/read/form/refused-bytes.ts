/**
 * What is no text, or text in an encoding that it does not name, by its first bytes. `docs/lists.md` shows this table.
 *
 * @module
 */
import { shellWord } from '../../text/shell-word.ts';
import type { Refused } from './refused.ts';

/** Told by bytes, before they are taken for text. */
export interface RefusedBytes extends Refused {
  readonly magic: Buffer;
  /** What must hold besides; called once there are so many bytes, or all. */
  readonly isAlso?: (head: Buffer) => boolean;
  readonly bytesNeeded?: number;
}

const bytes = (...values: readonly (string | number)[]): Buffer =>
  Buffer.concat(values.map((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from([value]))));

const ZIP_BYTES = 128;
/** Where SQLite keeps the number by which a program knows its own files, and ours: "IPRG". */
const APPLICATION_ID_AT = 68;
const OWN_APPLICATION_ID = 'IPRG';
const SQLITE_BYTES = APPLICATION_ID_AT + OWN_APPLICATION_ID.length;
const isOwn = (head: Buffer): boolean => head.subarray(APPLICATION_ID_AT, SQLITE_BYTES).equals(Buffer.from(OWN_APPLICATION_ID));
const isSpreadsheet = (head: Buffer): boolean =>
  /\[Content_Types\]|xl\/|_rels\/|docProps|opendocument\.spreadsheet/.test(head.toString('latin1'));

const SQLITE_MAGIC = bytes('SQLite format 3', 0);
const ZIP_MAGIC = bytes('PK', 3, 4);
const IMAGE_REMEDY = 'Give a list of the IDs of images, not an image.';

/** The first that fits. */
export const REFUSED_BYTES: readonly RefusedBytes[] = [
  {
    what: 'a spreadsheet (.xlsx or .ods)',
    sign: 'a zip file that holds a workbook',
    remedy: 'Save it as CSV in the program that made it, or by LibreOffice:',
    command: (file) => `soffice --headless --convert-to csv ${file}`,
    magic: ZIP_MAGIC,
    isAlso: isSpreadsheet,
    bytesNeeded: ZIP_BYTES,
  },
  {
    what: 'a zip file',
    sign: 'the first bytes PK\\x03\\x04',
    remedy: 'Unpack it, and give the list that is in it:',
    command: (file) => `unzip ${file}`,
    magic: ZIP_MAGIC,
    isAlso: (head) => !isSpreadsheet(head),
    bytesNeeded: ZIP_BYTES,
  },
  {
    what: 'an empty zip file',
    sign: 'the first bytes PK\\x05\\x06',
    remedy: 'Make it again; nothing is in it.',
    command: undefined,
    magic: bytes('PK', 5, 6),
  },
  {
    what: 'an old Excel file (.xls)',
    sign: 'the first bytes of an OLE file',
    remedy: 'Save it as CSV in the program that made it, or by LibreOffice:',
    command: (file) => `soffice --headless --convert-to csv ${file}`,
    magic: bytes(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1),
  },
  {
    what: 'a PDF document',
    sign: 'the first bytes %PDF-',
    remedy: 'Ask for the data itself, or take the text out and look at it:',
    command: (file) => `pdftotext -layout ${file} ids.txt`,
    magic: bytes('%PDF-'),
  },
  {
    what: 'a Parquet file',
    sign: 'the first bytes PAR1',
    remedy: 'Write its ID column as CSV (its name may be another than id):',
    command: (_, path) => `duckdb -csv -c ${shellWord(`SELECT id FROM '${path.replaceAll("'", "''")}'`)} > ids.csv`,
    magic: bytes('PAR1'),
    isAlso: (head) => (head[4] ?? 0x20) < 0x20 && ![0x09, 0x0a, 0x0d].includes(head[4] ?? 0),
    bytesNeeded: 5,
  },
  {
    what: 'a checkpoint of images-purge',
    sign: 'an SQLite database that images-purge has made',
    remedy: 'Go on with its purge (images-purge resume), or write its IDs as a list:',
    command: (file) => `images-purge report ${file} --format ndjson -o ids.ndjson`,
    magic: SQLITE_MAGIC,
    isAlso: isOwn,
    bytesNeeded: SQLITE_BYTES,
  },
  {
    what: 'an SQLite database',
    sign: 'the first bytes SQLite format 3',
    remedy: 'Write its IDs as CSV (table and column may have other names):',
    command: (file) => `sqlite3 -csv -header ${file} 'SELECT id FROM images' > ids.csv`,
    magic: SQLITE_MAGIC,
    isAlso: (head) => !isOwn(head),
    bytesNeeded: SQLITE_BYTES,
  },
  { what: 'a PNG image', sign: 'the first bytes \\x89PNG', remedy: IMAGE_REMEDY, command: undefined, magic: bytes(0x89, 'PNG') },
  { what: 'a JPEG image', sign: 'the first bytes FF D8 FF', remedy: IMAGE_REMEDY, command: undefined, magic: bytes(0xff, 0xd8, 0xff) },
  {
    what: 'a GIF image',
    sign: 'the first bytes GIF87a or GIF89a',
    remedy: IMAGE_REMEDY,
    command: undefined,
    magic: bytes('GIF8'),
    isAlso: (head) => /^GIF8[79]a.*[^\x20-\x7e\r\n\t]/s.test(head.toString('latin1')),
    bytesNeeded: 13,
  },
  {
    what: 'a WebP image',
    sign: 'RIFF and WEBP among the first bytes',
    remedy: IMAGE_REMEDY,
    command: undefined,
    magic: bytes('RIFF'),
    isAlso: (head) => head.subarray(8, 12).equals(Buffer.from('WEBP')),
    bytesNeeded: 12,
  },
  ...(
    [
      ['an xz file', 'FD 37 7A 58 5A', 'xz -dk', bytes(0xfd, '7zXZ', 0)],
      ['a bzip2 file', 'BZh', 'bzip2 -dk', bytes('BZh')],
      ['a 7z file', '37 7A BC AF', '7z x', bytes('7z', 0xbc, 0xaf, 0x27, 0x1c)],
    ] as const
  ).map(([what, sign, unpack, magic]) => ({
    what,
    sign: `the first bytes ${sign}`,
    remedy: 'Unpack it (gzip and zstd are read as they are):',
    command: (file: string) => `${unpack} ${file}`,
    magic,
    ...(what === 'a bzip2 file' ? { isAlso: (head: Buffer) => /^BZh[1-9]1AY&SY/.test(head.toString('latin1')), bytesNeeded: 10 } : {}),
  })),
  {
    what: 'UTF-16 text without a byte order mark',
    sign: 'every second byte is zero',
    remedy: 'Write it as UTF-8 (UTF-16BE where that gives nonsense):',
    command: (file) => `iconv -f UTF-16LE -t UTF-8 ${file} > ids.txt`,
    magic: bytes(),
    isAlso: (head) => isZeroAt(head, 1) || isZeroAt(head, 0),
    bytesNeeded: 4,
  },
];

/** Whether of the first four bytes those at odd, or even, places are zero, and the others are none. */
function isZeroAt(head: Buffer, odd: 0 | 1): boolean {
  return head.length >= 4 && [0, 1, 2, 3].every((at) => (head[at] === 0) === (at % 2 === odd));
}
