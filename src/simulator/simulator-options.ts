import { EDGE_CODES, EDGE_FORMS, EDGE_WAITS, type EdgeCode, type EdgeForm, type EdgeWait } from './answers/edge-answers.ts';

/** Which images the simulated account holds. */
export type SimulatedImages =
  /** Every ID exists until it is deleted. */
  | { readonly kind: 'any' }
  | { readonly kind: 'list'; readonly ids: Iterable<string> }
  | { readonly kind: 'none' }
  /** Each with what the list tells of it. */
  | { readonly kind: 'detailed'; readonly images: Iterable<SimulatedImage> }
  /** As many as a test wants, at no cost: `numberedImage(0)` and so on. */
  | { readonly kind: 'numbered'; readonly count: number };

/** An image, with what is told of it. */
export interface SimulatedImage {
  readonly id: string;
  readonly filename?: string;
  /** RFC 3339; `null`: it has none. */
  readonly uploaded?: string | null;
  readonly creator?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly requireSignedURLs?: boolean;
  readonly variants?: readonly string[];
  /** Its upload is not done: it can be asked for and deleted, but is not listed. */
  readonly draft?: boolean;
  /** Its bytes; else a tiny picture. */
  readonly original?: Uint8Array;
}

/** How the simulated API counts requests. */
export interface SimulatedQuota {
  /** `fixed`: windows one after another; `sliding`: any window; `bucket`: refilled evenly, with a burst. */
  readonly kind: 'fixed' | 'sliding' | 'bucket';
  readonly requests: number;
  readonly windowMs: number;
  /** Once the quota is exceeded, every call of the account is refused for so long; the real API takes five minutes. 0: none. */
  readonly blockMs: number;
  /** Only for `bucket`: requests let through at once. */
  readonly burst: number;
}

/** Faults drawn by chance for each DELETE and each original, each a probability in [0, 1]; drawn in this order. */
export interface SimulatedFaults {
  readonly status500: number;
  /** An edge's error page, as HTML. */
  readonly html502: number;
  readonly throttle429: number;
  /** The connection is reset before the work is done… */
  readonly resetBefore: number;
  /** …or after it, without an answer. */
  readonly resetAfter: number;
  /** The work is done and the connection closed without an answer. */
  readonly lostAnswer: number;
  /** The work is done, and half of the answer is sent. */
  readonly truncatedAnswer: number;
  /** Neither done nor ever answered. */
  readonly hang: number;
  /** Done, and never answered. */
  readonly hangAfter: number;
  /** The work is done, and the answer comes a few bytes at a time. */
  readonly slowDrip: number;
  /** Cloudflare's edge answers in place of the API: one of the `edge` errors, the work not done. */
  readonly edgeError: number;
}

/** The errors that the fault `edgeError` is drawn from, each in each of the forms, its wait spelled in each way. */
export interface SimulatedEdge {
  readonly codes: readonly EdgeCode[];
  readonly forms: readonly EdgeForm[];
  readonly waits: readonly EdgeWait[];
}

/** IDs that always get the same answer. */
export interface SimulatedRules {
  /** 500. */
  readonly poisonIds: readonly string[];
  /** 400 with code 5400. */
  readonly refusedIds: readonly string[];
  /** A firewall's 403 page. */
  readonly firewallIds: readonly string[];
}

/** What `GET tokens/verify` says of a token besides its ID; the times as RFC 3339. */
export interface VerifiedToken {
  readonly status: 'active' | 'disabled' | 'expired';
  readonly expires_on?: string;
  readonly not_before?: string;
}

export interface SimulatorOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly accountId: string;
  readonly apiToken: string;
  readonly apiEmail: string;
  readonly apiKey: string;
  readonly images: SimulatedImages;
  /** `false`: 5403 on stats, 5404 on DELETE, as for an account without Images. */
  readonly isImagesEnabled: boolean;
  /** `false`: 403 with code 10000 on stats alone. */
  readonly isStatsPermitted: boolean;
  /** What stats say; `undefined`: what the account holds. */
  readonly statsCount: number | undefined;
  readonly quota: SimulatedQuota | undefined;
  readonly sendsRatelimitHeaders: boolean;
  /** Requests a second for each batch token. */
  readonly batchTokenRate: number;
  readonly batchTokenLifetimeMs: number;
  /** So many different tokens are given out, then the last of them again. */
  readonly batchTokenCountMax: number;
  /** So long is a continuation token of the list taken. */
  readonly listTokenLifetimeMs: number;
  readonly latencyMs: number;
  readonly seed: number;
  readonly faults: SimulatedFaults;
  readonly edge: SimulatedEdge;
  readonly rules: SimulatedRules;
  /** Whose token it is: it is verified where it belongs alone. */
  readonly tokenOwner: 'user' | 'account';
  /** What the verification of the token says; it is accepted whatever this is. */
  readonly verifiedToken: VerifiedToken;
  /** After so many requests the token is refused; `undefined`: never. */
  readonly tokenRevokedAfter: number | undefined;
  /** Each so many DELETEs one is refused, though nothing is wrong; the next request for its ID is not. `undefined`: none. */
  readonly strayRefusalEach: number | undefined;
  /** Requests kept in the record's log; beyond it only counters go on. */
  readonly logLengthMax: number;
  /** The record as an NDJSON file too, a line for each request; `undefined`: none. */
  readonly recordPath: string | undefined;
}

export const NO_FAULTS: SimulatedFaults = {
  status500: 0,
  html502: 0,
  throttle429: 0,
  resetBefore: 0,
  resetAfter: 0,
  lostAnswer: 0,
  truncatedAnswer: 0,
  hang: 0,
  hangAfter: 0,
  slowDrip: 0,
  edgeError: 0,
};

export const SIMULATOR_DEFAULTS: SimulatorOptions = {
  host: '127.0.0.1',
  port: 0,
  accountId: '0123456789abcdef0123456789abcdef',
  apiToken: 'simulated-token',
  apiEmail: 'owner@example.com',
  apiKey: 'simulated-key',
  images: { kind: 'any' },
  isImagesEnabled: true,
  isStatsPermitted: true,
  statsCount: undefined,
  quota: undefined,
  sendsRatelimitHeaders: false,
  batchTokenRate: 200,
  batchTokenLifetimeMs: 3_600_000,
  batchTokenCountMax: Infinity,
  listTokenLifetimeMs: Infinity,
  latencyMs: 0,
  seed: 1,
  faults: NO_FAULTS,
  edge: { codes: EDGE_CODES, forms: EDGE_FORMS, waits: EDGE_WAITS },
  rules: { poisonIds: [], refusedIds: [], firewallIds: [] },
  tokenOwner: 'account',
  verifiedToken: { status: 'active' },
  tokenRevokedAfter: undefined,
  strayRefusalEach: undefined,
  logLengthMax: 100_000,
  recordPath: undefined,
};
