import { describe, expect, it } from 'vitest';

import { EXIT, type ExitCode, guardError, outweighs, storageError, usageError, UserError, weightiest } from '../../../src/domain/errors.ts';
import * as fc from '../../support/fast-check.ts';

describe('an error for the person who ran the command', () => {
  it('has a name, a code, an exit code, next steps and a cause', () => {
    const cause = new Error('ENOSPC');
    const error = storageError('CHECKPOINT_UNWRITABLE', 'it cannot be written.', ['Free some space.'], cause);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      name: 'UserError',
      code: 'CHECKPOINT_UNWRITABLE',
      exitCode: 5,
      message: 'it cannot be written.',
      nextSteps: ['Free some space.'],
      cause,
    });
  });

  it('without a cause names none, not even an undefined one', () => {
    expect('cause' in usageError('X', 'x')).toBe(false);
  });

  it('of usage is exit 2, of a guard exit 7, with every next step', () => {
    expect(usageError('RATE', 'no rate.', 'Give one.', 'Or none.')).toMatchObject({
      code: 'RATE',
      exitCode: 2,
      message: 'no rate.',
      nextSteps: ['Give one.', 'Or none.'],
    });
    expect(guardError('MIN_IDS', 'too few.', 'Look.', 'Try again.')).toMatchObject({
      code: 'MIN_IDS',
      exitCode: 7,
      message: 'too few.',
      nextSteps: ['Look.', 'Try again.'],
    });
  });
});

it('exit codes are the contract’s', () => {
  expect(EXIT).toEqual({
    done: 0,
    defect: 70,
    doneWithFailures: 1,
    usage: 2,
    refused: 3,
    gaveUp: 4,
    storage: 5,
    locked: 6,
    guard: 7,
    stoppedByLimit: 8,
    sighup: 129,
    sigint: 130,
    sigterm: 143,
  });
});

describe('where several exit codes fit', () => {
  it('a signal comes first, then 5, 3, 4, 7, 8, 1', () => {
    for (const signal of [EXIT.sighup, EXIT.sigint, EXIT.sigterm]) {
      const order: readonly ExitCode[] = [signal, 5, 3, 4, 7, 8, 1, 0];
      order.forEach((code, index) => expect(order.filter((other) => outweighs(code, other))).toEqual(order.slice(index + 1)));
    }
  });

  it('the order in which they are named decides nothing, but the first of several signals stays', () => {
    const codes = fc.constantFrom(...Object.values(EXIT).filter((code) => code < 129));
    fc.assert(
      fc.property(fc.array(codes, { minLength: 1 }), ([first = 0, ...others]) => {
        expect(weightiest(first, ...others)).toBe(weightiest(others.at(-1) ?? first, ...others.toReversed(), first));
      }),
    );
    expect([weightiest(130, 143), weightiest(143, 130)]).toEqual([130, 143]);
  });
});
