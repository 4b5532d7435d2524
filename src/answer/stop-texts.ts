import type { StopReason } from '../domain/disposition.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import { isCloudflare } from '../domain/base-url.ts';
import { atOtherRoot } from '../text/api-root-text.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { countOf, formatDuration, formatLocalTime } from '../text/format.ts';
import type { ReadAnswer } from './answers.ts';

/** How it is known that a refusal was no mistake. */
export type Confirmation =
  /** It was believed at once. */
  | 'none'
  /** Asked again after some seconds, the API refused again. */
  | 'refused-again'
  /** It may not have lasted, like those before it within the hour. */
  | 'too-many';

export interface StopContext {
  /** The API's root, where the run asked. */
  readonly baseUrl: string;
  readonly nextCommand: string;
  /** IDs deleted by this purge until now, in earlier runs too; `undefined` for a command that deletes nothing. */
  readonly deletedCount: number | undefined;
  /** Of these, by this run: with the credentials and at the address that it has. */
  readonly deletedInRun: number;
  /** When the last of those was, in milliseconds since 1970. */
  readonly lastDeletedAtMs: number | undefined;
  /** These credentials could read the account's stats. */
  readonly statsAnswered: boolean;
  readonly confirmation: Confirmation;
}

/** Comes first: an account or a token cannot be judged by another server. */
const CHECK_ROOT = 'If Cloudflare is meant: unset CLOUDFLARE_BASE_URL, leave --base-url out, and run the same command.';

/** Exit 3: what was refused, the likely reason, what to do, and that nothing was lost. */
export function stopError(reason: StopReason, answer: ReadAnswer, context: StopContext): UserError {
  const { what, steps } = finalText(answer) ?? textFor(reason, answer, context);
  return new UserError({
    code: `REFUSED_${reason.toUpperCase()}`,
    exitCode: EXIT.refused,
    message: `${atOtherRoot(context.baseUrl)}${what} (${describeAnswer(answer)}).`,
    nextSteps: [
      ...(isCloudflare(context.baseUrl) ? [] : [CHECK_ROOT]),
      ...confirmedBy(context),
      ...(context.deletedInRun > 0 ? [workedUntil(context)] : []),
      ...steps,
      `Then go on with:  ${context.nextCommand}`,
      ...deletedBefore(context.deletedCount),
    ],
  });
}

function deletedBefore(count: number | undefined): readonly string[] {
  if (count === undefined) return [];
  return [`${countOf(count, 'ID')} ${count === 1 ? 'was' : 'were'} deleted before; nothing was marked failed by this stop.`];
}

function confirmedBy({ confirmation }: StopContext): readonly string[] {
  switch (confirmation) {
    case 'none':
      return [];
    case 'refused-again':
      return ['Asked again after some seconds, it refused again.'];
    case 'too-many':
      return ['It was the fifth refusal within an hour. Those before it did not last: something refuses now and then.'];
  }
}

/** What the run knows of its own credentials: they did work. */
function workedUntil({ deletedInRun, lastDeletedAtMs }: StopContext): string {
  const last = lastDeletedAtMs === undefined ? '' : `, the last on ${formatLocalTime(lastDeletedAtMs, lastDeletedAtMs)}`;
  return `${countOf(deletedInRun, 'ID')} ${deletedInRun === 1 ? 'was' : 'were'} deleted with these credentials in this run${last}.`;
}

export interface StopText {
  readonly what: string;
  readonly steps: readonly string[];
}

/** How long to wait after too many authentication failures, where the API does not say. */
const AUTH_FAILURES_WAIT_MS = 10 * 60_000;

/** What must not be tried again in a loop says so, whatever was deleted before. */
function finalText({ disposition }: ReadAnswer): StopText | undefined {
  if (disposition.kind !== 'stop-run') return undefined;
  switch (disposition.finalCode) {
    case 10502:
      return tooManyFailures(disposition.retryAfterMs);
    case 9109:
      return {
        what: 'the API does not accept this token, or not for this account',
        steps: [
          'Do not try again with it: after a few such failures the API answers "Max auth failures reached" to everything. ' +
            `If it does so already, wait ${formatDuration(AUTH_FAILURES_WAIT_MS)}.`,
          'Check --account-id, and whether the token was revoked, rolled or has expired; set CLOUDFLARE_API_TOKEN to one that is valid.',
        ],
      };
    default:
      return undefined;
  }
}

/**
 * No credentials are looked at, those of a batch token neither.
 *
 * @param retryAfterMs - what the answer asked to wait; `undefined` where it did not say
 */
export function tooManyFailures(retryAfterMs: number | undefined): StopText {
  const wait =
    retryAfterMs === undefined
      ? `Wait ${formatDuration(AUTH_FAILURES_WAIT_MS)} at least (the API did not say how long)`
      : `Wait ${formatDuration(retryAfterMs)}, as the API asks`;
  return {
    what: 'the API looks at no credentials from here for a while, after too many authentication failures',
    steps: [
      `${wait}, and do not try in a loop: each failure more makes it last longer.`,
      'Meanwhile find what sends wrong credentials: this token if it was changed or revoked, or another program on this machine.',
    ],
  };
}

function textFor(reason: StopReason, answer: ReadAnswer, context: StopContext): StopText {
  const hasWorked = context.deletedInRun > 0;
  switch (reason) {
    case 'credentials':
    case 'permission':
      return { what: 'the API refused the credentials', steps: hasWorked ? CHANGED_CREDENTIALS : wrongCredentials(context) };
    case 'account':
      return hasWorked
        ? {
            what: 'the API does not know this account any more, or Images is no longer enabled for it',
            steps: ['Since then the account, its Images subscription or the token’s access to it has changed: look in the dashboard.'],
          }
        : {
            what: 'the API does not know this account, or Images is not enabled for it',
            steps: [
              'Check --account-id: it is in the dashboard’s address and under Images → Overview. ' +
                'A zone ID looks the same, and is another.',
            ],
          };
    case 'address':
      return {
        what: hasWorked ? 'what answers now is not the Images API' : 'what answered is not the Images API, or not at this address',
        steps: [
          hasWorked
            ? 'Since then a proxy, a firewall or a sign-in page has come in between: open the address in a browser on this machine.'
            : 'Check --base-url and --account-id, and whether a proxy or firewall answers in between.',
        ],
      };
    case 'proxy':
      return proxyText(answer, hasWorked);
  }
}

/** In the order in which they happen to a token that has worked. */
const CHANGED_CREDENTIALS: readonly string[] = [
  'Since then the token was revoked, rolled or has expired, its "Images Write" was taken away, or its IP filter excludes this machine.',
  'Look at it in the dashboard under API Tokens; renew it, ' +
    'or create another with Account → Images → Edit and set CLOUDFLARE_API_TOKEN.',
];

function wrongCredentials({ statsAnswered, deletedCount }: StopContext): readonly string[] {
  return [
    statsAnswered
      ? 'They work on this account for reading (stats answered), so they most likely lack "Images Write".'
      : 'They may be wrong, expired or revoked, or made for another account.',
    ...((deletedCount ?? 0) > 0
      ? ['Earlier runs of this purge deleted IDs: use the credentials that they had, if those are still valid.']
      : []),
    'Create a token with Account → Images → Edit and set CLOUDFLARE_API_TOKEN.',
  ];
}

function proxyText({ httpStatus }: ReadAnswer, hasWorked: boolean): StopText {
  const since = hasWorked ? ['It let requests through before: its rules or its credentials have changed since.'] : [];
  return httpStatus === undefined
    ? {
        what: 'the proxy refuses to let anything through to the API',
        steps: [...since, 'Have the host of --base-url allowed there, or name it in NO_PROXY to go past the proxy.'],
      }
    : {
        what: 'the proxy asks for credentials',
        steps: [...since, 'Put them into HTTPS_PROXY as http://user:password@host:port.'],
      };
}

/** `403, code 10000 "Authentication error"` */
export function describeAnswer({ httpStatus, code, message }: ReadAnswer): string {
  const status = [httpStatus, code === undefined ? undefined : `code ${code}`].filter((part) => part !== undefined).join(', ');
  return `${status} "${escapeForTerminal(message)}"`.trimStart();
}
