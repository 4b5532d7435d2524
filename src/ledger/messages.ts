import type { OperationName } from './operations.ts';
import type { PlainUserError } from './plain-error.ts';

export interface Question {
  readonly number: number;
  readonly operation: OperationName;
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly number: number; readonly kind: 'result'; readonly result: unknown }
  | { readonly number: number; readonly kind: 'user-error'; readonly error: PlainUserError }
  | { readonly number: number; readonly kind: 'bug'; readonly error: unknown };
