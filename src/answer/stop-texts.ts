import type { StopReason } from '../domain/disposition.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import { isCloudflare } from '../domain/base-url.ts';
import { atOtherRoot } from '../text/api-root-text.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { formatCount } from '../text/format.ts';
import type { ReadAnswer } from './answers.ts';

export interface StopContext {
  /** The API's root, where the run asked. */
  readonly baseUrl: string;
  readonly nextCommand: string;
  /** IDs deleted by this purge until now; `undefined` for a command that deletes nothing. */
  readonly deletedCount: number | undefined;
  /** These credentials could read the account's stats. */
  readonly statsAnswered: boolean;
}

/** Comes first: an account or a token cannot be judged by another server. */
const CHECK_ROOT = 'If Cloudflare is meant: unset CLOUDFLARE_BASE_URL, leave --base-url out, and run the same command.';

/** Exit 3: what was refused, the likely reason, what to do, and that nothing was lost. */
export function stopError(reason: StopReason, answer: ReadAnswer, context: StopContext): UserError {
  const { what, steps } = textFor(reason, answer, context);
  return new UserError({
    code: `REFUSED_${reason.toUpperCase()}`,
    exitCode: EXIT.refused,
    message: `${atOtherRoot(context.baseUrl)}${what} (${describeAnswer(answer)}).`,
    nextSteps: [
      ...(isCloudflare(context.baseUrl) ? [] : [CHECK_ROOT]),
      ...steps,
      `Then go on with:  ${context.nextCommand}`,
      ...(context.deletedCount === undefined
        ? []
        : [`${formatCount(context.deletedCount)} IDs were deleted before; nothing was marked failed by this stop.`]),
    ],
  });
}

function textFor(
  reason: StopReason,
  { httpStatus }: ReadAnswer,
  context: StopContext,
): { readonly what: string; readonly steps: readonly string[] } {
  switch (reason) {
    case 'credentials':
    case 'permission':
      return {
        what: 'the API refused the credentials',
        steps: [
          context.statsAnswered
            ? 'They work on this account for reading (stats answered), so they most likely lack "Images Write".'
            : 'They may be wrong, expired or revoked, or made for another account.',
          'Create a token with Account → Images → Edit and set CLOUDFLARE_API_TOKEN.',
        ],
      };
    case 'account':
      return {
        what: 'the API does not know this account, or Images is not enabled for it',
        steps: ['Check --account-id: it is in the dashboard’s address and under Images → Overview.'],
      };
    case 'address':
      return {
        what: 'what answered is not the Images API, or not at this address',
        steps: ['Check --base-url and --account-id, and whether a proxy or firewall answers in between.'],
      };
    case 'proxy':
      if (httpStatus === undefined)
        return {
          what: 'the proxy refuses to let anything through to the API',
          steps: ['Have the host of --base-url allowed there, or name it in NO_PROXY to go past the proxy.'],
        };
      return { what: 'the proxy asks for credentials', steps: ['Put them into HTTPS_PROXY as http://user:password@host:port.'] };
  }
}

/** `403, code 10000 "Authentication error"` */
export function describeAnswer({ httpStatus, code, message }: ReadAnswer): string {
  const status = [httpStatus, code === undefined ? undefined : `code ${code}`].filter((part) => part !== undefined).join(', ');
  return `${status} "${escapeForTerminal(message)}"`.trimStart();
}
