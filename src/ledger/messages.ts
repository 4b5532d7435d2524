import { UserError, type UserErrorDetails } from '../domain/errors.ts';
import type { LedgerOperations } from './operations.ts';

type OperationNames = { [K in keyof LedgerOperations]: LedgerOperations[K] extends (...args: never[]) => unknown ? K : never };

/** The operations a message may ask for: the public methods of {@link LedgerOperations}. */
export type OperationName = NonNullable<OperationNames[keyof LedgerOperations]>;

export type ArgumentsOf<K extends OperationName> = Parameters<LedgerOperations[K]>;
export type ResultOf<K extends OperationName> = ReturnType<LedgerOperations[K]>;

export interface Question {
  readonly number: number;
  readonly operation: OperationName;
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly number: number; readonly kind: 'result'; readonly result: unknown }
  | { readonly number: number; readonly kind: 'user-error'; readonly error: PlainUserError }
  | { readonly number: number; readonly kind: 'bug'; readonly error: unknown };

/** A {@link UserError} without its class, which no clone between threads keeps. */
export type PlainUserError = Pick<UserErrorDetails, 'code' | 'exitCode' | 'message' | 'nextSteps'>;

export function toPlain(error: UserError): PlainUserError {
  return { code: error.code, exitCode: error.exitCode, message: error.message, nextSteps: [...error.nextSteps] };
}

export function fromPlain(error: PlainUserError): UserError {
  return new UserError(error);
}
