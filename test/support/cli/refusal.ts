import { UserError } from '../../../src/domain/errors.ts';

/** The error for people that `attempt` throws; anything else it does fails the test. */
export function refusal(attempt: () => unknown): UserError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
