import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const CREDENTIAL_ENTRIES: EntryGroup = {
  heading: 'Account and credentials',
  entries: {
    ACCOUNT_MISSING: {
      title: 'No account is given',
      exits: [EXIT.usage],
      cause: 'Neither `--account-id` nor `CLOUDFLARE_ACCOUNT_ID` is set, and there is no checkpoint that would know it.',
      steps: [
        'Take the 32 hexadecimal digits of the dashboard’s address, dash.cloudflare.com/<account id>, and set ' +
          '`CLOUDFLARE_ACCOUNT_ID`.',
      ],
    },
    ACCOUNT_HASH: {
      title: 'The account hash of delivery URLs is given in place of the account ID',
      exits: [EXIT.usage],
      cause:
        'Delivery URLs (`https://imagedelivery.net/<account hash>/<image ID>/<variant>`) name the account by a hash of 22 ' +
        'characters. The API knows it by its ID alone, which has 32 hexadecimal digits.',
      steps: [
        'Take the ID of the dashboard’s address: dash.cloudflare.com/<account id>.',
        'To delete by delivery URLs, give the list of URLs with `--delivery-urls`.',
      ],
    },
    CREDENTIALS_MISSING: {
      title: 'There are no credentials, or a part of them is missing',
      exits: [EXIT.usage],
      cause: 'They come from the environment and never from flags: a token, or an e-mail address together with its API key.',
      steps: [
        'Create a token with Account → Images → Edit at https://dash.cloudflare.com/profile/api-tokens and set `CLOUDFLARE_API_TOKEN`.',
        'Where secrets are mounted as files, set `CLOUDFLARE_API_TOKEN_FILE` to the path.',
        'cron and sudo start with an empty environment: set the variable there, too.',
      ],
    },
    CREDENTIALS_TWICE: {
      title: 'A credential and the file that holds it are both set',
      exits: [EXIT.usage],
      cause: 'Which of the two is meant cannot be told, for example `CLOUDFLARE_API_TOKEN` and `CLOUDFLARE_API_TOKEN_FILE`.',
      steps: ['Unset one of them.'],
    },
    CREDENTIALS_FILE: {
      title: 'The file that holds a credential cannot be read',
      exits: [EXIT.usage],
      cause: 'The path is wrong, the secret is not mounted, or the user who runs the command may not read it.',
      steps: ['Check the path and who may read it; in a container, that the secret is mounted.'],
    },
    CREDENTIALS_EMPTY: {
      title: 'A credential holds nothing but white space',
      exits: [EXIT.usage],
      cause: 'The variable or the file is there and empty, as after a copy that failed or a secret that was not filled in.',
      steps: ['Set it, or unset the variable.'],
    },
    CREDENTIALS_QUOTED: {
      title: 'A credential holds quotes',
      exits: [EXIT.usage],
      cause:
        'They were taken over from a `.env` file: what docker and others read environment variables from is taken as it stands, with ' +
        'its quotes. No credential of Cloudflare’s holds one.',
      steps: ['Set the credential alone, without quotes, in the variable or the file that the error names.'],
    },
    CREDENTIALS_KIND: {
      title: 'A credential of another kind is given',
      exits: [EXIT.usage],
      cause:
        'Cloudflare spells the kind in front: `cfk_` is a global API key, `cfut_` a user’s token, `cfat_` an account’s token. ' +
        'A key was set as the token, or a token as the key.',
      steps: [
        'Set a token as `CLOUDFLARE_API_TOKEN`; a key as `CLOUDFLARE_API_KEY`, with `CLOUDFLARE_EMAIL`.',
        'A token with Account → Images → Edit is the better choice: it can do nothing else.',
      ],
    },
    CREDENTIALS_UNSAFE: {
      title: 'A credential holds characters that no HTTP header can carry',
      exits: [EXIT.usage],
      cause: 'It was copied with “Bearer”, with quotes around it, with a line break inside, or with a character beyond ASCII.',
      steps: ['Set the credential alone: one line, no quotes, no “Bearer”.'],
    },
    BASE_URL_CREDENTIALS: {
      title: 'The API root holds a user or a password',
      exits: [EXIT.usage],
      cause: 'A URL stands in command lines, logs and checkpoints, where no secret may stand.',
      steps: ['Take them out of `--base-url`, and set `CLOUDFLARE_API_TOKEN`.'],
    },
    BASE_URL_PLAIN: {
      title: 'The API root is plain http to another machine',
      exits: [EXIT.usage],
      cause: 'Anyone on the way could read the credentials. Plain http is taken to this machine alone: localhost, 127.0.0.1, [::1].',
      steps: ['Give an https URL, or reach the server through a tunnel that ends on this machine.'],
    },
    PROXY_URL: {
      title: 'A proxy variable is not the URL of an http or https proxy',
      exits: [EXIT.usage],
      cause: 'It names another kind of proxy (socks) or is no URL. To go past it could send the credentials where nobody wants them.',
      steps: ['Set it as in `HTTPS_PROXY=http://proxy.example:3128`, or unset it.'],
    },
    QUOTA_REDIS_PASSWORD: {
      title: 'The Redis URL of the command line holds a user or a password',
      exits: [EXIT.usage],
      cause: 'Others on the machine can read a command line.',
      steps: ['Set `IMAGES_PURGE_QUOTA_REDIS`, or `IMAGES_PURGE_QUOTA_REDIS_FILE` to the path of a file that holds the URL.'],
    },
    QUOTA_REDIS_FILE: {
      title: 'The file that holds the Redis URL cannot be read',
      exits: [EXIT.usage],
      cause: 'The path in `IMAGES_PURGE_QUOTA_REDIS_FILE` is wrong, or the user may not read it.',
      steps: ['Check the path and who may read it.'],
    },
    QUOTA_REDIS_TWICE: {
      title: 'The Redis URL and the file that holds it are both set',
      exits: [EXIT.usage],
      cause: 'Which of the two is meant cannot be told.',
      steps: ['Unset `IMAGES_PURGE_QUOTA_REDIS` or `IMAGES_PURGE_QUOTA_REDIS_FILE`.'],
    },
    CREDENTIALS_MALFORMED: {
      title: 'A program gave purge() credentials that cannot be used',
      exits: [EXIT.usage],
      cause: 'They are empty, or hold white space or characters beyond ASCII, which no HTTP header can carry.',
      steps: ['Give `credentials: { apiToken }`, or `credentials: { email, apiKey }`, each without quotes or line breaks.'],
    },
  },
};
