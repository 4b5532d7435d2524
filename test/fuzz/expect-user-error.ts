import assert from 'node:assert/strict';

import { UserError } from '../../src/domain/errors.ts';

/** The result, or `undefined` where the input was refused as contract and style want it; anything else is a defect. */
export function resultOrRefused<T>(exitCodes: readonly number[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    checkRefusal(error, exitCodes);
    return undefined;
  }
}

export function checkRefusal(error: unknown, exitCodes: readonly number[]): UserError {
  if (!(error instanceof UserError)) throw error;
  assert.ok(exitCodes.includes(error.exitCode), `exit ${error.exitCode}: ${error.message}`);
  assert.match(error.code, /^[A-Z_]+$/);
  assert.notEqual(error.message, '');
  return error;
}
