import type { ReadAnswer } from '../answer/answers.ts';
import { describeAnswer } from '../answer/stop-texts.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import { atOtherRoot } from '../text/api-root-text.ts';
import { escapeForTerminal } from '../text/escape.ts';
import type { TokenState } from './findings.ts';

/** Of the check that failed. */
interface Failed {
  readonly api: { readonly accountId: string; readonly baseUrl: string };
  readonly command: string;
}

/** The credentials may not read the account's images: exit 3. */
export function unreadableError(answer: ReadAnswer, token: TokenState, { api, command }: Failed): UserError {
  const isActive = token.kind === 'verified';
  const where = atOtherRoot(api.baseUrl);
  return new UserError({
    code: 'CHECK_REFUSED',
    exitCode: EXIT.refused,
    message: `${where}these credentials may not read the images of account ${api.accountId} (${describeAnswer(answer)}).`,
    nextSteps: [
      isActive
        ? 'The token is active: it most likely lacks the permission for Images, or is meant for another account.'
        : 'They may be wrong, expired or revoked, or made for another account.',
      'A zone ID looks like an account ID (32 hexadecimal digits): compare dash.cloudflare.com/<account id>.',
      'Create a token with Account → Images → Edit and set CLOUDFLARE_API_TOKEN.',
      `Then check again:  ${command}`,
    ],
  });
}

/** The API knows the token, and that it may not be used: exit 3. */
export function inactiveTokenError(status: string, { api, command }: Failed): UserError {
  return new UserError({
    code: 'TOKEN_NOT_ACTIVE',
    exitCode: EXIT.refused,
    message: `${atOtherRoot(api.baseUrl)}the API token is not active: the API calls it "${escapeForTerminal(status)}".`,
    nextSteps: [
      'Create a new token with Account → Images → Edit, or renew this one, and set CLOUDFLARE_API_TOKEN.',
      `Then check again:  ${command}`,
    ],
  });
}

/** Something answers, and not the question: exit 4. */
export function unansweredError(answer: ReadAnswer, attemptsMax: number, { api, command }: Failed): UserError {
  return new UserError({
    code: 'CHECK_UNANSWERED',
    exitCode: EXIT.gaveUp,
    message: `${atOtherRoot(api.baseUrl)}the API did not answer in ${attemptsMax} attempts (${describeAnswer(answer)}).`,
    nextSteps: ['Whether Cloudflare has a problem: https://www.cloudflarestatus.com', `Check again later:  ${command}`],
  });
}
