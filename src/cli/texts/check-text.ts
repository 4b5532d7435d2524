import type { CheckResult } from '../../check/run-check.ts';
import type { BatchTokenState, CredentialFacts, Findings, ImageCount, NotTold, TokenState } from '../../check/findings.ts';
import { isCloudflare } from '../../domain/base-url.ts';
import { runEnd, withTexts } from '../../domain/summary.ts';
import type { ApiOptions } from '../../run/run-options.ts';
import { apiRootText } from '../../text/api-root-text.ts';
import { escapeForTerminal } from '../../text/escape.ts';
import { countOf, formatCount, formatDuration, formatLocalTime } from '../../text/format.ts';
import type { Redact } from '../../text/redact.ts';

type Proxy = ApiOptions['proxy'];

const LABEL_COLUMNS = 14;
/** A `Date` says whole seconds, and the way there and back takes its time: a smaller difference cannot be told. */
const CLOCK_SKEW_MS_TOLD = 2_000;
/** A token that ends sooner may end before a long purge does. */
const EXPIRES_SOON_MS = 7 * 86_400_000;

/** What a check has found out, a row for each question. */
export function checkText(findings: Findings, proxy: Proxy, nowMs: number): string {
  const { accountId, baseUrl, credentials, token, images, batchToken, observed } = findings;
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['Account', `${accountId}, ${imagesText(images)}`],
    ...(isCloudflare(baseUrl) ? [] : ([['API root', apiRootText(baseUrl)]] as const)),
    ['Credentials', credentialsText(credentials)],
    ['Token', tokenText(token, nowMs)],
    [
      'May read',
      images.kind === 'count' ? 'yes: the image count was answered' : images.kind === 'not-asked' ? `unknown: ${images.why}` : 'no',
    ],
    ['May delete', 'unknown until the first DELETE'],
    ['Quota', quotaText(findings)],
    ['Batch tokens', batchText(batchToken)],
    ['Latency', latencyText(observed.durationsMs)],
    ['Clock', clockText(observed.clockSkewMs)],
    ['Proxy', proxyText(proxy, baseUrl)],
  ];
  return [...rows.map(([label, text]) => `${label.padEnd(LABEL_COLUMNS)}${escapeForTerminal(text)}`), ''].join('\n');
}

/** The same for programs, with how the check ended in the fields that every `--json` has. */
export function checkJson({ exitCode, endedBecause, error, findings }: CheckResult, proxy: Proxy, redact: Redact): object {
  const { accountId, baseUrl, credentials, token, images, batchToken, observed, requestCount } = findings;
  return {
    account: accountId,
    baseUrl,
    credentials: { ...credentials, owner: ownerOf(findings) ?? null, prefix: credentials.prefix ?? null },
    token: withNulls(token),
    images: withNulls(images),
    mayRead: images.kind === 'count' ? true : images.kind === 'not-asked' ? null : false,
    mayDelete: null,
    quota: observed.policies,
    batchToken: withNulls(batchToken),
    latencyMs: observed.durationsMs.length === 0 ? null : Math.min(...observed.durationsMs),
    clockSkewMs: observed.clockSkewMs ?? null,
    proxy: proxyUrl(proxy, baseUrl) ?? null,
    requests: requestCount,
    ...withTexts(runEnd(exitCode, endedBecause, error), redact),
  };
}

/** A field that is not known is `null`, so that each kind has the same fields at all times. */
function withNulls(state: object): object {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, (value as unknown) ?? null]));
}

function imagesText(images: ImageCount): string {
  if (images.kind !== 'count') return `image count ${notTold(images)}`;
  const { current, allowed } = images;
  return `holds ${allowed === undefined ? countOf(current, 'image') : `${formatCount(current)} of ${countOf(allowed, 'image')} allowed`}`;
}

function credentialsText({ kind, owner, prefix, from }: CredentialFacts): string {
  if (kind === 'key') return `the global API key with its e-mail address${prefixText(prefix)}, from ${from}`;
  const whose = owner === undefined ? 'API token' : owner === 'user' ? 'API token of a user' : 'API token of an account';
  return `${whose}${prefixText(prefix)}, from ${from}`;
}

function prefixText(prefix: string | undefined): string {
  return prefix === undefined ? ' (no prefix: from before April 2026)' : ` (${prefix}…)`;
}

function ownerOf({ credentials, token }: Findings): string | undefined {
  return token.kind === 'verified' ? token.owner : credentials.owner;
}

function tokenText(token: TokenState, nowMs: number): string {
  if (token.kind !== 'verified') return notTold(token);
  const owner = token.owner === 'user' ? 'a user’s' : 'an account’s own';
  return [token.status, owner, ...begins(token.notBefore, nowMs), expiry(token.expiresOn, nowMs)].join(', ');
}

function begins(notBefore: string | undefined, nowMs: number): readonly string[] {
  const atMs = Date.parse(notBefore ?? '');
  return atMs > nowMs ? [`not before ${formatLocalTime(atMs, nowMs)}`] : [];
}

function expiry(expiresOn: string | undefined, nowMs: number): string {
  if (expiresOn === undefined) return 'no expiry told';
  const atMs = Date.parse(expiresOn);
  const at = formatLocalTime(atMs, nowMs);
  if (atMs <= nowMs) return `expired ${at}`;
  return atMs - nowMs < EXPIRES_SOON_MS ? `expires in ${formatDuration(atMs - nowMs)}, ${at}` : `expires ${at}`;
}

function quotaText({ observed: { policies } }: Findings): string {
  if (policies.length === 0) return 'not told by the API';
  return policies
    .map(
      ({ name, quota, windowMs, left }) =>
        `${formatCount(left)} of ${formatCount(quota)} requests in ${formatDuration(windowMs)} left ("${name}")`,
    )
    .join('; ');
}

function batchText(batchToken: BatchTokenState): string {
  if (batchToken.kind === 'not-told') return `none to be had: ${batchToken.why}`;
  if (batchToken.kind === 'not-asked') return notTold(batchToken);
  return batchToken.lifetimeMs === undefined ? 'to be had' : `to be had, valid for ${formatDuration(batchToken.lifetimeMs)}`;
}

function notTold({ kind, why }: NotTold): string {
  return kind === 'not-asked' ? `not asked: ${why}` : `not told: ${why}`;
}

function latencyText(durationsMs: readonly number[]): string {
  const [first, ...others] = durationsMs;
  if (first === undefined) return 'unknown: nothing was answered';
  const connecting = `${formatDuration(first)} with connecting`;
  return others.length === 0 ? connecting : `${formatDuration(Math.min(...others))}; the first answer took ${connecting}`;
}

function clockText(skewMs: number | undefined): string {
  if (skewMs === undefined) return 'unknown: no answer had a date';
  if (Math.abs(skewMs) < CLOCK_SKEW_MS_TOLD) return 'agrees with the API’s';
  const off = `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} the API’s`;
  return `${off}: --max-age and the times in reports go by this machine’s`;
}

/** Plain http goes to this machine alone, and through no proxy. */
function proxyUrl({ httpProxy, httpsProxy }: Proxy, baseUrl: string): string | undefined {
  const url = baseUrl.startsWith('https:') ? URL.parse(httpsProxy ?? httpProxy ?? '') : null;
  return url === null ? undefined : url.origin;
}

function proxyText(proxy: Proxy, baseUrl: string): string {
  const url = proxyUrl(proxy, baseUrl);
  if (url === undefined) return 'none';
  return proxy.noProxy === undefined ? url : `${url}, unless NO_PROXY names the host: ${proxy.noProxy}`;
}
