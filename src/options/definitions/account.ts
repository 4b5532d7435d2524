import { BASE_URL_DEFAULT } from '../../domain/base-url.ts';

/** Whose images they are, and where the API is. */
export const ACCOUNT_OPTIONS = {
  accountId: {
    name: 'account-id',
    argument: 'ID',
    value: { type: 'account-id' },
    help: 'the account the images are in; resume knows it from the checkpoint',
    moreEnvNames: ['CLOUDFLARE_ACCOUNT_ID'],
    inLibrary: true,
  },
  /** Root of the API; only for rehearsals. */
  baseUrl: {
    name: 'base-url',
    argument: 'URL',
    value: { type: 'base-url' },
    help: 'API root; plain http only to this machine',
    // A resumed purge goes where it went before, so that only a given root decides.
    defaultText: BASE_URL_DEFAULT as string,
    moreEnvNames: ['CLOUDFLARE_BASE_URL'],
    inLibrary: true,
  },
  /** Root of the batch host; only for rehearsals. */
  batchBaseUrl: {
    name: 'batch-base-url',
    argument: 'URL',
    value: { type: 'base-url' },
    help: 'root of the batch host; plain http only to this machine',
    default: 'https://batch.imagedelivery.net',
    inLibrary: true,
  },
} as const;
