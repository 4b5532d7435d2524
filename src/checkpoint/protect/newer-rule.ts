import type { DatabaseSync } from 'node:sqlite';

import { ScratchIds } from '../find/scratch-ids.ts';
import { idOfKey } from '../format/id-key.ts';
import type { AddToTally } from '../tally.ts';
import { prepareProtectPending, type ProtectPending } from './pending.ts';
import type { Protection } from './protection.ts';
import { recordRule } from './rules.ts';

/**
 * Protects pending items by an age, the rule of `--protect-newer-than`: first its images are gathered until the list was read to its
 * end, because half a list protects nothing; then items are held by them.
 */
export class NewerRule implements Disposable {
  readonly #db: DatabaseSync;
  readonly #protection: Protection;
  readonly #addToTally: AddToTally;
  #images: ScratchIds | undefined;
  #protectPending: ProtectPending | undefined;

  constructor(db: DatabaseSync, protection: Protection, addToTally: AddToTally) {
    this.#db = db;
    this.#protection = protection;
    this.#addToTally = addToTally;
  }

  /** @param isBeginning - what was gathered before is forgotten */
  add(ids: readonly string[], isBeginning: boolean): void {
    if (isBeginning) this[Symbol.dispose]();
    (this.#images ??= new ScratchIds()).add(ids);
  }

  /** As {@link ProtectPending}. @param name - of the rule, which is on record from then on */
  protectSome(name: string, countMax: number): ReturnType<ProtectPending> {
    this.#protectPending ??= this.#prepare((this.#images ??= new ScratchIds()), name);
    const step = this.#protectPending(countMax);
    if (step.isLast) this[Symbol.dispose]();
    return step;
  }

  [Symbol.dispose](): void {
    this.#images?.[Symbol.dispose]();
    this.#images = this.#protectPending = undefined;
  }

  #prepare(images: ScratchIds, name: string): ProtectPending {
    const rule = recordRule(this.#db, { name, path: name, isLiteral: false, column: undefined }, images.count);
    this.#protection.rulesChanged();
    return prepareProtectPending(this.#db, this.#protection, this.#addToTally, {
      hasRules: images.count > 0,
      find(idKey) {
        const hit = images.find(idOfKey(idKey));
        return hit === undefined ? undefined : { rule, line: 0, nearEntry: hit.nearEntry };
      },
    });
  }
}
