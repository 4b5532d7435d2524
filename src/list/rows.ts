import { csvCell, exactCsvCell } from '../report/csv.ts';
import { usageError } from '../domain/errors.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { type ListedImage, metaValue } from './image.ts';

export type ListFormat = 'csv' | 'ndjson' | 'ids';

const PLAIN_FIELDS = ['id', 'filename', 'uploaded', 'creator', 'meta', 'requireSignedURLs', 'variants'] as const;
/** What a list tells of an image; `meta.KEY` is one value of its metadata. */
export type ListField = (typeof PLAIN_FIELDS)[number] | `meta.${string}`;

export const FIELDS_DEFAULT: readonly ListField[] = ['id', 'filename', 'uploaded', 'creator', 'requireSignedURLs'];

/**
 * `id,uploaded,meta.owner`. The ID is always told, and first: a list without it is of no use to any command.
 *
 * @param label - how the text was given: `--fields`
 */
export function parseFields(text: string, label: string): readonly ListField[] {
  const fields = text.split(',').map((given): ListField => {
    const name = given.trim();
    const plain = PLAIN_FIELDS.find((known) => known.toLowerCase() === name.toLowerCase());
    if (plain !== undefined || name === 'meta.*') return plain ?? 'meta';
    if (/^meta\../.test(name)) return name as ListField;
    throw usageError(
      'OPTION_VALUE',
      `${label} must name fields of an image, separated by commas; got ${JSON.stringify(name)}`,
      `Fields: ${PLAIN_FIELDS.join(', ')}, meta.KEY`,
    );
  });
  return [...new Set<ListField>(['id', ...fields])];
}

const CONTROL_CHARACTER = /\p{Cc}/u;

/** Whether the ID can stand in CSV or a line. One with a line break in it would be read as two; no such image can be deleted here. */
export function fitsInLine(id: string): boolean {
  return !CONTROL_CHARACTER.test(id) && id.isWellFormed();
}

export function headerOf(format: ListFormat, fields: readonly ListField[]): string {
  return format === 'csv' ? `${fields.map((field) => csvCell(field)).join(',')}\n` : '';
}

/** One line. The ID stands as it is: a sheet may take one that begins with `=` for a formula, but a list must not change it. */
export function rowOf(image: ListedImage, format: ListFormat, fields: readonly ListField[]): string {
  switch (format) {
    case 'ids':
      return `${image.id}\n`;
    case 'csv':
      return `${fields.map((field) => (field === 'id' ? exactCsvCell(image.id) : cellOf(fieldValue(image, field)))).join(',')}\n`;
    case 'ndjson':
      return `${JSON.stringify(recordOf(image, fields))}\n`;
  }
}

/** The ID of a line that {@link rowOf} has written. */
export function idOfRow(line: string, format: ListFormat): string {
  if (format === 'ids') return line;
  if (format === 'ndjson') return (JSON.parse(line) as { readonly id: string }).id;
  const [, quoted, plain = ''] = /^(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/.exec(line) ?? [];
  return quoted === undefined ? plain : quoted.replaceAll('""', '"');
}

/** A line break in a cell would be one in the list: programs that read it line by line would see two images. */
function cellOf(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  return csvCell(text.replaceAll(/[\r\n]/g, escapeForTerminal));
}

function fieldValue(image: ListedImage, field: ListField): unknown {
  switch (field) {
    case 'id':
    case 'filename':
    case 'uploaded':
    case 'creator':
    case 'meta':
    case 'requireSignedURLs':
      return image[field];
    case 'variants':
      return image.variants.join(' ');
    default:
      return metaValue(image.meta, field.slice('meta.'.length));
  }
}

function recordOf(image: ListedImage, fields: readonly ListField[]): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  const picked: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.startsWith('meta.')) {
      const key = field.slice('meta.'.length);
      const value = metaValue(image.meta, key);
      if (value !== undefined) picked[key] = value;
      if (!fields.includes('meta')) record['meta'] = picked;
    } else record[field] = field === 'variants' ? image.variants : fieldValue(image, field);
  }
  return record;
}
