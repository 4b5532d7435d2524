import { readFileSync } from 'node:fs';

// Made of `src/page/` by scripts/build.ts, with the library that draws the charts. What runs from source takes them from the last build.
const FOLDER = import.meta.url.endsWith('.ts') ? '../../../dist/' : './';

/** What a page does in the browser. */
export function pageScript(): string {
  return asset('report-page.js');
}

export function pageStyle(): string {
  return asset('report-page.css');
}

function asset(name: string): string {
  return readFileSync(new URL(FOLDER + name, import.meta.url), 'utf8');
}
