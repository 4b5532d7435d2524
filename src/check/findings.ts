import type { TokenOwner } from '../cloudflare/types.ts';
import type { RatelimitView } from '../pace/quota/ratelimit-headers.ts';

/** What the environment shows of the credentials; never their value. */
export interface CredentialFacts {
  readonly kind: 'token' | 'key';
  /** Whose token it is, by its prefix; `undefined` for one without a prefix, and for a key. */
  readonly owner: TokenOwner | undefined;
  /** `cfut_`, `cfat_`, `cfk_`; `undefined` for older ones, which have none. */
  readonly prefix: string | undefined;
  /** Where they come from: `CLOUDFLARE_API_TOKEN`, or `/run/secrets/token (CLOUDFLARE_API_TOKEN_FILE)`. */
  readonly from: string;
}

/** What a question was not answered with, and why. */
export type NotTold =
  /** It would have told nothing more, or used what is left of the quota. */
  | { readonly kind: 'not-asked'; readonly why: string }
  /** The API's words: `403, code 10000 "Authentication error"`. */
  | { readonly kind: 'not-told'; readonly why: string };

export type TokenState =
  | NotTold
  | {
      readonly kind: 'verified';
      readonly owner: TokenOwner;
      /** `active`, `disabled` or `expired`. */
      readonly status: string;
      /** RFC 3339. */
      readonly expiresOn: string | undefined;
      readonly notBefore: string | undefined;
    };

export type ImageCount = NotTold | { readonly kind: 'count'; readonly current: number; readonly allowed: number | undefined };

export type BatchTokenState = NotTold | { readonly kind: 'token'; readonly lifetimeMs: number | undefined };

/** What the answers tell besides what was asked. */
export interface Observed {
  /** From request to last byte, in the order of the requests; the first includes connecting. */
  readonly durationsMs: readonly number[];
  /** This machine's clock less the API's, taken from the quickest answer; `undefined` if no answer had a date. */
  readonly clockSkewMs: number | undefined;
  /** As the last answer told them. */
  readonly policies: readonly RatelimitView[];
}

/** Everything that a check has found out. */
export interface Findings {
  readonly accountId: string;
  /** The API's root. */
  readonly baseUrl: string;
  readonly credentials: CredentialFacts;
  readonly token: TokenState;
  readonly images: ImageCount;
  readonly batchToken: BatchTokenState;
  readonly observed: Observed;
  readonly requestCount: number;
}
