import { describe, expect, it } from 'vitest';

import { EXIT, guardError, storageError, usageError, UserError } from '../../../src/domain/errors.ts';

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
