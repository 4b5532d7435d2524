import type { PurgeEvent } from '../src/observe/events.ts';

type Kind = PurgeEvent['kind'];

interface DocumentedEvent<K extends Kind> {
  /** When it is logged, and what its fields mean where their names do not say it. */
  readonly when: string;
  readonly example: Extract<PurgeEvent, { readonly kind: K }>;
}

const IDS = 100_000;

const FINISHED: DocumentedEvent<'run.finished'> = {
  when: 'Last. `summary` is what `--json` prints, without what to do next; `stoppedBecause` is how the ending is told.',
  example: {
    kind: 'run.finished',
    stoppedBecause: 'finished',
    summary: {
      job: 'b3d6…',
      state: 'finished',
      account: '0123456789abcdef0123456789abcdef',
      baseUrl: 'https://api.cloudflare.com/client/v4',
      digest: 'sha256:5f0c…',
      note: null,
      sources: [{ path: 'old.csv', rows: IDS, accepted: IDS }],
      intake: { complete: true, rows: IDS, accepted: IDS, duplicates: 0, protected: 0, rejected: 0, skipped: 0, suspicious: {} },
      protectedBy: [],
      backupFolders: [],
      outcomes: { deleted: 99_990, absent: 9, failed: 1, planned: 0 },
      pending: 0,
      run: {
        deleted: 99_990,
        absent: 9,
        failed: 1,
        requests: 100_012,
        retries: 11,
        throttled: 0,
        elapsedMs: 501_000,
        ratePerSecond: 199.6,
      },
      exitCode: 1,
      endedBecause: 'finished',
      error: null,
    },
  },
};

/** Every event of a run, in the order in which they come. An event without an entry is an error of the type checker. */
export const DOCUMENTED_EVENTS: { readonly [K in Kind]: DocumentedEvent<K> } = {
  'metrics.listening': {
    when: 'First, with `--metrics-listen`: `/metrics` and `/healthz` are served at `address`.',
    example: { kind: 'metrics.listening', address: '127.0.0.1:9464' },
  },
  'run.started': {
    when: 'The checkpoint is open. `pending` is 0 where the list has not been read yet; `note` is what `--note` says.',
    example: {
      kind: 'run.started',
      job: 'b3d6…',
      checkpointPath: 'old.csv.checkpoint',
      reportPath: 'old.csv.checkpoint.report.ndjson',
      isResumed: false,
      pending: 0,
      note: 'CHG-1041: banners of 2024',
    },
  },
  'source.waiting': {
    when: 'A source gives nothing yet: a pipe without a writer, or a terminal (`isTerminal`).',
    example: { kind: 'source.waiting', source: '-', isTerminal: false },
  },
  'intake.started': { when: 'Reading of the list begins.', example: { kind: 'intake.started', sources: ['old.csv'] } },
  'intake.finished': {
    when: 'The list has been read to its end.',
    example: { kind: 'intake.finished', accepted: IDS, duplicates: 0, protected: 0, rejected: 0, skipped: 0, elapsedMs: 1_240 },
  },
  'lane.policy': {
    when: 'The API told its quota for the first time, or a changed one. `isTighter`: less than `--rate`, and obeyed.',
    example: {
      kind: 'lane.policy',
      lane: 'account',
      policy: '"default";q=1200;w=300',
      requests: 1_200,
      windowMs: 300_000,
      isTighter: false,
    },
  },
  'lane.throttled': {
    when:
      'An answer told a lane to wait; one event for all requests that this stopped. `cause`: `speed` (the lane was too fast), `random` ' +
      '(a slower one would meet it, too), `unknown` yet. `ratePerSecond`: what the lane sends from then on, left out without a limit.',
    example: {
      kind: 'lane.throttled',
      lane: 'account',
      httpStatus: 429,
      code: 971,
      waitMs: 18_000,
      untilWallMs: Date.UTC(2026, 10, 24, 2, 0, 18),
      cause: 'unknown',
      ratePerSecond: 3.33,
    },
  },
  'lane.renewed': {
    when: 'A lane has a new batch token: `ahead` of its end, or because the one before was `refused`.',
    example: { kind: 'lane.renewed', lane: 3, why: 'ahead' },
  },
  'lane.closed': {
    when: 'A batch lane is given up; the others go on.',
    example: { kind: 'lane.closed', lane: 3, why: 'its token was refused twice' },
  },
  'quota.divided': {
    when: 'The Redis of `--quota-redis` does not answer; until it does, this process keeps to one part in `by` of the quota.',
    example: { kind: 'quota.divided', by: 4, why: 'connect ECONNREFUSED 127.0.0.1:6379' },
  },
  'quota.shared': { when: 'The Redis is back.', example: { kind: 'quota.shared' } },
  'outage.started': {
    when:
      'Many failures in a row: sending stops and probes go on. `failures` is 0 where there was never a connection; `lane` is left out ' +
      'where it is about the API as a whole.',
    example: { kind: 'outage.started', lane: undefined, failures: 20, lastError: 'HTTP 503' },
  },
  'outage.probed': {
    when: 'A probe came to its end.',
    example: { kind: 'outage.probed', lane: undefined, answered: false, nextProbeMs: 4_000 },
  },
  'outage.ended': { when: 'Sending goes on.', example: { kind: 'outage.ended', lane: undefined, elapsedMs: 61_000 } },
  'refusal.doubted': {
    when: 'The API refused what would end the run, after `deleted` deletions: sending stops, and it is asked again before it is believed.',
    example: {
      kind: 'refusal.doubted',
      lane: 'account',
      httpStatus: 403,
      code: 10_000,
      message: 'Authentication error',
      deleted: 1_234,
      waitMs: 5_000,
    },
  },
  'refusal.unanswered': { when: 'What was asked again got no answer.', example: { kind: 'refusal.unanswered', waitMs: 10_000 } },
  'refusal.passed': {
    when: 'The refusal was a mistake, the `strays`-th within an hour; the `straysMax`-th ends the run.',
    example: { kind: 'refusal.passed', strays: 1, straysMax: 5 },
  },
  'item.failed': {
    when: 'An ID is given up. At most ten a second are logged; the report has them all.',
    example: { kind: 'item.failed', id: 'shop/hero.jpg', httpStatus: 400, code: 5400, message: 'Bad request' },
  },
  'item.retried': {
    when: 'An ID is tried again after `delayMs`. Only with `--log-level debug`.',
    example: { kind: 'item.retried', id: 'shop/hero.jpg', attempt: 1, delayMs: 480, httpStatus: 500, message: 'Internal error' },
  },
  warning: {
    when:
      'Something a person should look at; `images-purge explain CODE` says more. `suspicious` comes with `SUSPICIOUS_VALUES` ' +
      'alone: the kind, how many there are, and the first of them.',
    example: { kind: 'warning', code: 'MANY_ABSENT', message: '1,200 of 10,000 answered IDs were absent: …' },
  },
  'newer.started': {
    when: 'With `--protect-newer-than`: the account’s list is read, of so many `images` where that is known.',
    example: { kind: 'newer.started', rule: '--protect-newer-than 30d', images: 250_000 },
  },
  'newer.finished': {
    when:
      'All of it was read. `newer`: images that are newer, those among them of which no time is told (`untold`); `held`: IDs of the ' +
      'purge that it keeps.',
    example: { kind: 'newer.finished', rule: '--protect-newer-than 30d', listed: 250_000, newer: 1_200, untold: 0, held: 7 },
  },
  'backup.finished': {
    when: 'With `--backup`, at the end of the run: images that it saved before it deleted them.',
    example: { kind: 'backup.finished', folder: '/data/saved', images: IDS },
  },
  'verify.started': {
    when: 'With `--verify`: by the account’s `list`, or by a request for each ID (`single`).',
    example: { kind: 'verify.started', method: 'list', ids: IDS, images: 250_000 },
  },
  'verify.finished': {
    when:
      'What was found. `imagesBefore` and `imagesAfter`: the account’s own count before the first DELETE and at the end, left out ' +
      'where not told.',
    example: {
      kind: 'verify.finished',
      ids: IDS,
      stillThere: 0,
      uploadedAgain: 0,
      unclear: 0,
      listed: 150_010,
      uploadedSince: 10,
      imagesBefore: 250_000,
      deleted: IDS,
      imagesAfter: 150_010,
    },
  },
  stopping: {
    when: 'The run is told to end; the requests in flight are waited for.',
    example: { kind: 'stopping', reason: 'the run ends', inFlight: 16 },
  },
  'run.finished': FINISHED,
};
