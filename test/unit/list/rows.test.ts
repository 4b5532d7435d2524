import { describe, expect, it } from 'vitest';

import { parseListedImage } from '../../../src/list/image.ts';
import { fitsInLine, idOfRow, parseFields, rowOf } from '../../../src/list/rows.ts';
import { SeenIds } from '../../../src/list/seen-ids.ts';
import * as fc from '../../support/fast-check.ts';

const text = fc.string({
  unit: fc.constantFrom('a', '"', ',', ';', '\t', ' ', '=', "'", '\\', '\n', '\r', '\0', '\u2028', '\ud800', 'é', '👍'),
  maxLength: 12,
});

describe('a row', () => {
  it('is one line, and its ID is read back as it is, whatever stands in it', () => {
    fc.assert(
      fc.property(text, text, text, (id, filename, creator) => {
        const image = parseListedImage({ id, filename, creator, meta: { key: filename }, variants: [creator] });
        if (image === undefined) return;
        for (const format of ['csv', 'ndjson', 'ids'] as const) {
          if (format !== 'ndjson' && !fitsInLine(id)) continue;
          const row = rowOf(image, format, parseFields('filename,creator,meta,meta.key,variants', '--fields'));
          expect(row.endsWith('\n')).toBe(true);
          expect(row.slice(0, -1)).not.toMatch(/[\r\n]/);
          expect(idOfRow(row.slice(0, -1), format)).toBe(id);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('has the ID first and once, however the fields are given', () => {
    expect(parseFields('filename, ID ,requiresignedurls,meta.*', '--fields')).toEqual(['id', 'filename', 'requireSignedURLs', 'meta']);
  });
});

describe('what was seen', () => {
  it('is known again, and nothing else is', () => {
    const seen = new SeenIds();
    const count = 30_000;
    for (let number = 0; number < count; number++) expect(seen.add(`image-${number}`)).toBe(true);
    for (let number = 0; number < count; number++) expect(seen.add(`image-${number}`)).toBe(false);
    expect(seen.add('another')).toBe(true);
    expect(seen.count).toBe(count + 1);
  });
});
