import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Draw } from '../draw.ts';

export const SOURCES: readonly string[] = ['a.txt', 'b.txt'];
export const EXCLUDES: readonly string[] = ['keep-a.txt', 'keep-b.txt'];
/** A file of the user's that no command has any business with. */
const BYSTANDER = 'notes.txt';
const POOL_SIZE = 24;
/** Of the IDs that stand in lists, those of images that were uploaded lately. */
export const NEWER_IDS: readonly string[] = ['image-03', 'image-11', 'image-17'];

/** The lists of a person, as that person edits them. No program may change one. */
export class ListFiles {
  readonly #folder: string;
  readonly #draw: Draw;
  readonly #contents = new Map<string, string>();

  constructor(folder: string, draw: Draw) {
    this.#folder = folder;
    this.#draw = draw;
    for (const name of SOURCES) this.#write(name, this.#someIds(draw.between(3, 10)));
    for (const name of EXCLUDES) this.#write(name, this.#someIds(draw.between(1, 4)));
    this.#write(BYSTANDER, ['not a list']);
  }

  exists(name: string): boolean {
    return this.#contents.has(name);
  }

  idsOf(name: string): readonly string[] {
    return (this.#contents.get(name) ?? '').split('\n').filter((id) => id !== '');
  }

  /** A person adds, removes or replaces lines, or removes an exclude file, or makes it again. @returns what was done */
  edit(): string {
    const draw = this.#draw;
    const name = draw.pick([...SOURCES, ...EXCLUDES, ...EXCLUDES]);
    if (EXCLUDES.includes(name) && this.exists(name) && draw.chance(0.2)) {
      this.#contents.delete(name);
      rmSync(join(this.#folder, name));
      return `(removes ${name})`;
    }
    const ids = this.idsOf(name);
    const kept = draw.chance(0.5) ? ids : ids.filter(() => draw.chance(0.6));
    const next = [...new Set([...kept, ...(draw.chance(0.7) ? this.#someIds(draw.between(1, 3)) : [])])];
    this.#write(name, next.length > 0 ? next : this.#someIds(1));
    return `(edits ${name}: ${this.idsOf(name).join(' ')})`;
  }

  /** Files that are not as the person left them. */
  changed(): readonly string[] {
    return [...this.#contents].flatMap(([name, content]) => {
      const path = join(this.#folder, name);
      return existsSync(path) && readFileSync(path, 'utf8') === content ? [] : [name];
    });
  }

  #write(name: string, ids: readonly string[]): void {
    const content = `${ids.join('\n')}\n`;
    this.#contents.set(name, content);
    writeFileSync(join(this.#folder, name), content);
  }

  #someIds(count: number): string[] {
    return [...new Set(Array.from({ length: count }, () => `image-${String(this.#draw.below(POOL_SIZE)).padStart(2, '0')}`))];
  }
}
