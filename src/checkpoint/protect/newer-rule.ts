import type { DatabaseSync } from 'node:sqlite';

import type { AddToTally } from '../tally.ts';
import { NewerImages } from './newer-images.ts';
import { prepareProtectPending, type ProtectPending } from './pending.ts';
import type { Protection } from './protection.ts';
import { recordRule } from './rules.ts';

/** Protects pending items by an age, the rule of `--protect-newer-than`: first its images are gathered, then items are held by them. */
export class NewerRule implements Disposable {
  readonly #db: DatabaseSync;
  readonly #protection: Protection;
  readonly #addToTally: AddToTally;
  #images: NewerImages | undefined;
  #protectPending: ProtectPending | undefined;

  constructor(db: DatabaseSync, protection: Protection, addToTally: AddToTally) {
    this.#db = db;
    this.#protection = protection;
    this.#addToTally = addToTally;
  }

  /** @param isBeginning - what was gathered before is forgotten */
  add(ids: readonly string[], isBeginning: boolean): void {
    if (isBeginning) this[Symbol.dispose]();
    (this.#images ??= new NewerImages()).add(ids);
  }

  /** As {@link ProtectPending}. @param name - of the rule, which is on record from then on */
  protectSome(name: string, countMax: number): ReturnType<ProtectPending> {
    this.#protectPending ??= this.#prepare((this.#images ??= new NewerImages()), name);
    const step = this.#protectPending(countMax);
    if (step.isLast) this[Symbol.dispose]();
    return step;
  }

  [Symbol.dispose](): void {
    this.#images?.[Symbol.dispose]();
    this.#images = this.#protectPending = undefined;
  }

  #prepare(images: NewerImages, name: string): ProtectPending {
    const rule = recordRule(this.#db, { name, path: name, isLiteral: false, column: undefined }, images.count);
    this.#protection.rulesChanged();
    return prepareProtectPending(this.#db, this.#protection, this.#addToTally, {
      hasRules: images.count > 0,
      find(idKey) {
        const hit = images.find(idKey);
        return hit === undefined ? undefined : { rule, line: 0, nearEntry: hit.nearEntry };
      },
    });
  }
}
