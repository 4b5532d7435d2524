import { usageError } from '../domain/errors.ts';

/** There is nobody to ask, and a purge must not begin without a yes. */
export function noTerminalError(): Error {
  return usageError(
    'NO_TERMINAL',
    'this purge must be confirmed, and there is no terminal to ask on',
    'To look first:          add --dry-run, or images-purge plan',
    'To begin without being asked:  add --confirm with the digest that these show, or --yes',
  );
}
