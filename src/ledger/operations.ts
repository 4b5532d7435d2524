import type { CheckpointPlace } from './checkpoint-place.ts';
import type { OpenedCheckpoint } from './opened-checkpoint.ts';

type MethodsOf<T> = { [K in keyof T as K extends string ? (T[K] extends (...args: never[]) => unknown ? K : never) : never]: T[K] };

/** What the ledger's thread can be asked for: the methods of the place, and of the checkpoint that is opened there. */
type Operations = MethodsOf<CheckpointPlace> & MethodsOf<OpenedCheckpoint>;

export type OperationName = keyof Operations;
export type ArgumentsOf<K extends OperationName> = Parameters<Operations[K]>;
export type ResultOf<K extends OperationName> = ReturnType<Operations[K]>;

export function carryOut(place: CheckpointPlace, operation: OperationName, args: readonly unknown[]): unknown {
  const owner: object = operation in place ? place : place.opened;
  const method = owner[operation as keyof typeof owner] as (...args: readonly unknown[]) => unknown;
  return method.apply(owner, [...args]);
}
