import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { guardError } from '../domain/errors.ts';

/** The API does not tell capitals from small letters in them. */
export function isSameAccount(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Exit 7, where a command names another account or API root than the checkpoint's. */
export function refuseOtherAccount(
  facts: Pick<CheckpointFacts, 'definition'>,
  checkpointPath: string,
  accountId: string | undefined,
  baseUrl: string | undefined,
): void {
  const { definition } = facts;
  if (accountId !== undefined && !isSameAccount(accountId, definition.accountId)) {
    throw guardError(
      'OTHER_ACCOUNT',
      `${checkpointPath} belongs to account ${definition.accountId}, and this run is for account ${accountId}; nothing was sent.`,
      'Give the right --account-id, or another --checkpoint.',
    );
  }
  if (baseUrl !== undefined && baseUrl !== definition.baseUrl) {
    throw guardError(
      'OTHER_API_ROOT',
      `${checkpointPath} belongs to the API at ${definition.baseUrl}, and this run is for ${baseUrl}; nothing was sent.`,
      'Give the right --base-url, or another --checkpoint.',
    );
  }
}
