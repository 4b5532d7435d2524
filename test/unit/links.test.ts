import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = ['.', 'docs', 'docs/decisions', '.github']
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) => readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : [])));

/** As GitHub names the place of a heading. */
function placeOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function placesIn(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => placeOf(heading));
}

/** What a page links to in this repository: a path from its root, and a place there. */
function linksOf(page: string): { readonly text: string; readonly path: string; readonly place: string | undefined }[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = '', place] = link.split('#', 2);
    return [{ text: link, path: path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path)), place }];
  });
}

describe('a page', () => {
  it.each(PAGES)('%s leads only to what is there', (page) => {
    const dead = linksOf(page).filter(({ path, place }) => {
      if (!existsSync(join(ROOT, path))) return true;
      return place !== undefined && !placesIn(path).includes(place);
    });
    expect(dead.map(({ text }) => text)).toEqual([]);
  });

  it('has links, so that the test sees some', () => {
    expect(PAGES.flatMap(linksOf).length).toBeGreaterThan(50);
  });
});
