import type { DatabaseSync } from 'node:sqlite';

import type { RunEnd } from '../domain/summary.ts';
import type { CheckpointFacts, Definition, RecordedGuards } from './facts.ts';
import type { ItemsById } from './find/items-by-id.ts';
import { goneAfter, goneAmong, type GoneItem } from './gone/gone-items.ts';
import { inTransaction } from './file/transaction.ts';
import { nextToPlan } from './plan/planned.ts';
import { readFacts } from './read-facts.ts';
import { type PlanSamples, readPendingSample, readPlanSamples } from './samples.ts';
import * as state from './state.ts';

/** What can be recorded of a purge, and read of it, that changes no line of its report. */
export class RecordedState {
  readonly #db: DatabaseSync;
  readonly #items: ItemsById;

  constructor(db: DatabaseSync, items: ItemsById) {
    this.#db = db;
    this.#items = items;
  }

  recordEnd(end: RunEnd): void {
    state.recordEnd(this.#db, end);
  }

  /** Reads with another form or shard from now on (an unfinished reading begins again). */
  setReadWith(readWith: Pick<Definition, 'form' | 'shard'>): void {
    state.setReadWith(this.#db, readWith);
  }

  setNote(note: string): void {
    state.setNote(this.#db, note);
  }

  endPlan(isConfirmed: boolean): void {
    (isConfirmed ? state.markConfirmed : state.endPlan)(this.#db);
  }

  setConfirmed(isConfirmed: boolean): void {
    state.setConfirmed(this.#db, isConfirmed);
  }

  setRepeated(repeated: CheckpointFacts['repeated']): void {
    state.setRepeated(this.#db, repeated);
  }

  addGuards(guards: RecordedGuards): void {
    inTransaction(this.#db, () => state.addGuards(this.#db, guards));
  }

  setGuards(guards: RecordedGuards): void {
    state.setGuards(this.#db, guards);
  }

  facts(): CheckpointFacts {
    return readFacts(this.#db);
  }

  planSamples(): PlanSamples {
    return readPlanSamples(this.#db);
  }

  pendingSample(countMax: number): ReturnType<typeof readPendingSample> {
    return readPendingSample(this.#db, countMax);
  }

  /** The pending items that get the outcome `planned` next. */
  nextToPlan(countMax: number): ReturnType<typeof nextToPlan> {
    return nextToPlan(this.#db, countMax);
  }

  goneAmong(ids: readonly string[]): GoneItem[] {
    return goneAmong(this.#db, this.#items, ids);
  }

  goneAfter(seq: number, countMax: number): GoneItem[] {
    return goneAfter(this.#db, seq, countMax);
  }
}
