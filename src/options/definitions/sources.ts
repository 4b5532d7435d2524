import { AGE_MS_MAX } from '../parse/duration.ts';

/** How sources are read, and which of their IDs are taken. */
export const SOURCE_OPTIONS = {
  format: {
    name: 'format',
    argument: 'FORM',
    value: { type: 'choice', of: ['auto', 'csv', 'lines', 'ndjson'] },
    help: 'form of the sources: auto, csv, lines or ndjson; gzip and zstd are recognised by content',
    default: 'auto',
    inLibrary: false,
  },
  column: {
    name: 'column',
    argument: 'NAME|N',
    value: { type: 'text' },
    help: 'CSV column by header name or 1-based position; NDJSON field',
    defaultText: 'id, image_id, cloudflare_image_id or the like, or the only column',
    inLibrary: false,
  },
  noHeader: { name: 'no-header', value: { type: 'flag' }, help: 'the first CSV row is data', inLibrary: false },
  delimiter: {
    name: 'delimiter',
    argument: 'C',
    value: { type: 'delimiter' },
    help: 'what parts CSV fields',
    defaultText: 'found from content',
    inLibrary: false,
  },
  quote: {
    name: 'quote',
    argument: 'C|none',
    value: { type: 'quote' },
    help: 'what encloses CSV fields; none where quotes are a part of the values',
    defaultText: '"; for .tsv none',
    inLibrary: false,
  },
  skipLines: {
    name: 'skip-lines',
    argument: 'N',
    value: { type: 'integer', min: 0, max: 1_000_000 },
    help: 'lines above the header that are passed over',
    default: '0',
    inLibrary: false,
  },
  acceptLastLine: {
    name: 'accept-last-line',
    value: { type: 'flag' },
    help: 'take the last row though it has no line end, and may be cut off',
    inLibrary: false,
  },
  /** The values are IDs exactly as they stand, whatever they look like. */
  literal: {
    name: 'literal',
    value: { type: 'flag' },
    help: 'values are IDs exactly as they stand: none is rejected or counted as suspicious for its looks',
    inLibrary: true,
  },
  /** The values are delivery URLs: the ID is taken out of them. */
  deliveryUrls: {
    name: 'delivery-urls',
    value: { type: 'flag' },
    help: 'values are delivery URLs: take the ID out of them',
    inLibrary: true,
  },
  /** Files of IDs that must not be deleted. */
  exclude: {
    name: 'exclude',
    argument: 'FILE',
    value: { type: 'file' },
    isRepeatable: true,
    addsUp: true,
    help: 'IDs that must not be deleted, whatever the sources say; repeatable, and added to those of IMAGES_PURGE_EXCLUDE',
    inLibrary: true,
  },
  /** Column of the IDs in exclude files, by name or 1-based position. */
  excludeColumn: {
    name: 'exclude-column',
    argument: 'NAME|N',
    value: { type: 'text' },
    help: 'ID column of CSV and NDJSON exclude files, by name or 1-based position',
    defaultText: 'as for sources',
    inLibrary: true,
  },
  /** IDs of exclude files are taken as they stand, and protect equal IDs alone. */
  excludeLiteral: {
    name: 'exclude-literal',
    value: { type: 'flag' },
    help: 'rows of exclude files are IDs exactly as they stand, and protect equal IDs alone: no patterns, no other spellings',
    inLibrary: true,
  },
  allowEmptyExclude: {
    name: 'allow-empty-exclude',
    value: { type: 'flag' },
    help: 'an exclude file that holds no ID is no error',
    inLibrary: true,
  },
  /** `brand/*`, `tmp-??`; two stars stand for folders, too. */
  excludeId: {
    name: 'exclude-id',
    argument: 'GLOB',
    value: { type: 'glob' },
    isRepeatable: true,
    addsUp: true,
    help: 'IDs that fit must not be deleted: * ? [a-z] within a folder, ** over folders; repeatable, and added to IMAGES_PURGE_EXCLUDE_ID',
    inLibrary: true,
  },
  /** `30d`: images uploaded since then are kept, by the account's list. */
  protectNewerThan: {
    name: 'protect-newer-than',
    argument: 'AGE',
    value: { type: 'duration', maxMs: AGE_MS_MAX as number },
    addsUp: true,
    help: "images uploaded later than so long ago must not be deleted: the account's list is read before the first DELETE of every run",
    without: null,
    inLibrary: true,
  },
  /** `0/4`: only the first of four shards. */
  shard: {
    name: 'shard',
    argument: 'I/N',
    value: { type: 'shard' },
    help: "shard I of N, from 0: only its IDs, at an N-th of the account's rate; in a Kubernetes Indexed Job set IMAGES_PURGE_SHARDS to N",
    defaultText: 'all IDs',
    inLibrary: true,
  },
} as const;
