import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const API_ENTRIES: EntryGroup = {
  heading: 'The API refuses, or does not answer',
  entries: {
    REFUSED_CREDENTIALS: {
      title: 'The API refused the credentials',
      exits: [EXIT.refused],
      cause:
        'The token or key is wrong, expired or revoked, was made for another account, or was cut when it was copied. A batch token ' +
        'works on the batch host alone: as `CLOUDFLARE_API_TOKEN` it is refused with code 10000. Tokens that are found in public ' +
        'repositories are deactivated at once. The run stopped at the first refusal, because the API locks out who fails to log in ' +
        'too often (code 10502). The ID of a zone in place of the account’s may be refused like this, too (code 9109).',
      steps: [
        'See what the API says of them, without deleting anything: `images-purge check`',
        'Create a token with Account → Images → Edit for the right account, and set `CLOUDFLARE_API_TOKEN`.',
        'After code 10502 wait some minutes before you try again.',
        'Go on with the command that the error shows: nothing was marked failed.',
      ],
    },
    REFUSED_PERMISSION: {
      title: 'The API knows the credentials, and does not permit this',
      exits: [EXIT.refused],
      cause:
        'Most likely the token lacks Images Write (Account → Images → Edit), or is limited to another account or to other IP ' +
        'addresses. A token that may only read answers stats and the list, and is refused at the first DELETE.',
      steps: [
        'Look at what it may read: `images-purge check`',
        'Give the token Account → Images → Edit for this account, or create another, and set `CLOUDFLARE_API_TOKEN`.',
        'Where the token is limited to IP addresses, add that of this machine.',
        'Go on with the command that the error shows: nothing was marked failed.',
      ],
    },
    REFUSED_ACCOUNT: {
      title: 'The API does not know this account, or Images is not enabled for it',
      exits: [EXIT.refused],
      cause:
        '`--account-id` is wrong: it may be the ID of a zone, which has 32 hexadecimal digits too, or of another account. Or the ' +
        'account has never used Images (code 5403).',
      steps: [
        'Compare it with the dashboard’s address: dash.cloudflare.com/<account id>. The overview of a zone shows both IDs.',
        'Check it without deleting anything: `images-purge check --account-id ID`',
        'If the account is right, look whether Images is enabled for it in the dashboard.',
      ],
    },
    REFUSED_ADDRESS: {
      title: 'What answered is not the Images API, or not at this address',
      exits: [EXIT.refused],
      cause:
        'A page, a redirect or a route that does not exist came back in place of the API’s answer: `--base-url` or ' +
        '`CLOUDFLARE_BASE_URL` names another server, a proxy, firewall or login page answers in between, or many answers in a row ' +
        'were of a kind that one ID cannot cause.',
      steps: [
        'If Cloudflare is meant, leave `--base-url` out and unset `CLOUDFLARE_BASE_URL`.',
        'Ask the same from this machine: `images-purge check`',
        'Have the host api.cloudflare.com let through by the proxy or firewall.',
      ],
    },
    REFUSED_PROXY: {
      title: 'The proxy asks for credentials, or lets nothing through',
      exits: [EXIT.refused],
      cause: 'A proxy is set in `HTTPS_PROXY` or `HTTP_PROXY` (in either case of letters), and it refused to connect to the API.',
      steps: [
        'Put its user and password into the variable: `HTTPS_PROXY=http://user:password@host:port`',
        'Have the host of the API allowed there, or name the host in `NO_PROXY` to go past the proxy.',
        'See which proxy is used: `images-purge check`',
      ],
    },
    CHECK_REFUSED: {
      title: 'The check found that these credentials may not read the account’s images',
      exits: [EXIT.refused],
      cause:
        'The token lacks the permission for Images, is meant for another account, or is not valid at all; the row “Token” of the ' +
        'table says whether the API knows it. A zone ID in place of the account ID looks the same.',
      steps: [
        'Compare `--account-id` with dash.cloudflare.com/<account id>.',
        'Create a token with Account → Images → Edit and set `CLOUDFLARE_API_TOKEN`, then check again: `images-purge check`',
      ],
    },
    CHECK_UNANSWERED: {
      title: 'The check was not answered: the API, or what stands before it, has a problem',
      exits: [EXIT.gaveUp],
      cause: 'Each attempt ended in an error of the server (5xx) or without a whole answer. A purge waits for longer and tries again.',
      steps: ['Look at https://www.cloudflarestatus.com', 'Check again later: `images-purge check`'],
    },
    TOKEN_NOT_ACTIVE: {
      title: 'The API token is disabled or expired',
      exits: [EXIT.refused],
      cause: 'The API’s own verification of the token says so. A purge would be refused at its first request.',
      steps: ['Renew it in the dashboard, or create another with Account → Images → Edit, and set `CLOUDFLARE_API_TOKEN`.'],
    },
    NO_BATCH_TOKEN: {
      title: 'There is no batch token that the API both issues and accepts',
      exits: [EXIT.refused],
      cause:
        '`--batch-tokens` was given, and the API gave no token, gave the same one again, or refused those it gave. How many may be ' +
        'alive at a time is not documented.',
      steps: [
        'Try with fewer: `--batch-tokens 1`',
        'Go on without `--batch-tokens`, on the account’s own quota: the error shows the command.',
        'See whether one is to be had: `images-purge check`',
      ],
    },
    ABSENT_RULE: {
      title: 'None of the first IDs exists in the account',
      exits: [EXIT.guard, EXIT.refused],
      cause:
        'A wrong account answers every DELETE with “no such image”, so that a purge of nothing would look like a success. Before ' +
        'the first real deletion such answers are not believed: the wrong column, the wrong account, IDs that are still ' +
        'percent-encoded, or IDs that a spreadsheet has changed are the usual reasons. It is exit 3 where the account’s image ' +
        'count cannot be read.',
      steps: [
        'Look at the IDs of the plan: are they what the dashboard shows? Choose the column with `--column NAME`.',
        'Check the account and its image count: `images-purge check`',
        'If the images may be gone already (a job over a list that does not change), give `--expect-absent`.',
      ],
    },
    GAVE_UP: {
      title: 'No ID got a final answer for longer than --give-up-after, or the API could not be reached',
      exits: [EXIT.gaveUp],
      cause:
        'The API is out, throttles for longer than the run may wait (going over the account’s quota blocks all of its calls for ' +
        'five minutes), or there is no way to it: DNS, network, firewall, proxy, a TLS certificate that is not trusted, a clock ' +
        'that is far off.',
      steps: [
        'Go on later with the command that the error shows: nothing was marked failed.',
        'If it was never reached: check the address, the network, `HTTPS_PROXY` and this machine’s clock, then `images-purge check`',
        'If other programs use up the account’s quota, give a lower `--rate`.',
      ],
    },
    QUOTA_REDIS_AWAY: {
      title: 'The Redis of --quota-redis does not answer at the start',
      exits: [EXIT.usage],
      cause: 'Without it nothing says how many processes share the quota, so that each would use all of it.',
      steps: ['Start it, or check its address and password.', 'With `--shard I/N` a purge begins without it, on an N-th of the quota.'],
    },
  },
};
