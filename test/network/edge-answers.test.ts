import { describe, expect, it } from 'vitest';

import { EDGE_FORMS, edgeAnswer, type EdgeCode, type EdgeForm } from '../../src/simulator/answers/edge-answers.ts';
import { purgeAt, type SocketPurge } from '../support/purge/socket-purge.ts';
import { type Deletion, wire, withSocketApi } from '../support/servers/socket-api.ts';

/** A timer of the client may be this much shorter than the server's clock says. */
const CLOCKS_MS = 20;

interface EdgeCase {
  readonly code: EdgeCode;
  readonly form: EdgeForm;
  readonly status: number;
}

/** Each ID is named after what it meets the first time. */
function idsOf(codes: readonly EdgeCode[], statuses: readonly number[]): ReadonlyMap<string, EdgeCase> {
  const cases = codes.flatMap((code) => EDGE_FORMS.flatMap((form) => statuses.map((status): EdgeCase => ({ code, form, status }))));
  return new Map(cases.map((one) => [`${one.code}-${one.form}-${one.status}`, one]));
}

/** @param retryAfterSeconds - left out: as the edge usually says, which is nothing where it refuses */
function edgeWire({ code, form, status }: EdgeCase, retryAfterSeconds?: number): string {
  const { body, headers } = edgeAnswer(code, { form, status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
  return rawWire(`${status} Edge`, body as string, { ...headers });
}

function rawWire(status: string, body: string, headers: Readonly<Record<string, string | string[]>>): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  return [`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(body)}`, ...lines, '', body].join('\r\n');
}

/** Answers each ID's first request as told, and does the others; notes how long each ID stayed away in between. */
class FirstAnswers {
  readonly waitsMs = new Map<string, number>();
  readonly #answeredAtMs = new Map<string, number>();
  readonly #first: (id: string) => string;

  constructor(first: (id: string) => string) {
    this.#first = first;
  }

  readonly onDelete = ({ socket, id, nth, done }: Deletion): void => {
    if (nth === 1) {
      this.#answeredAtMs.set(id, performance.now());
      socket.write(this.#first(id));
      return;
    }
    if (nth === 2) this.waitsMs.set(id, performance.now() - (this.#answeredAtMs.get(id) ?? 0));
    socket.write(done());
  };
}

describe('the edge throttles', () => {
  it('in every form, under any status: the lane waits, the ID is sent again, and no attempt is counted', async () => {
    const cases = idsOf(['1015', '1200'], [200, 401, 403, 404, 429, 503]);
    const answers = new FirstAnswers((id) => edgeWire(cases.get(id) ?? never(id), 1));
    await withSocketApi({ onDelete: answers.onDelete }, async (api) => {
      const purge = await purgeAt(api.url, { ids: [...cases.keys()], more: ['--concurrency', '64', '--max-attempts', '1'] });
      expect(purge.result.exitCode).toBe(0);
      expect(fates(purge)).toEqual(new Map([...cases.keys()].map((id) => [id, 'deleted after 1'])));
      for (const waitMs of answers.waitsMs.values()) expect(waitMs).toBeGreaterThanOrEqual(1_000 - CLOCKS_MS);
      expect(purge.result.stderr).toMatch(/"event":"lane.throttled","lane":"account","httpStatus":\d+,"code":1(015|200),"waitMs":\d+,/);
      expect(api.received()).toContain('\r\naccept: application/json\r\n');
    });
  });
});

describe('the edge’s 403', () => {
  it('that passes is retried after what it says, in every form', async () => {
    const cases = idsOf(['1004', '1033', '1038', '1205'], [403]);
    const answers = new FirstAnswers((id) => edgeWire(cases.get(id) ?? never(id), 1));
    await withSocketApi({ onDelete: answers.onDelete }, async (api) => {
      const purge = await purgeAt(api.url, { ids: [...cases.keys()] });
      expect(purge.result.exitCode).toBe(0);
      expect(fates(purge)).toEqual(new Map([...cases.keys()].map((id) => [id, 'deleted after 2'])));
      for (const waitMs of answers.waitsMs.values()) expect(waitMs).toBeGreaterThanOrEqual(1_000 - CLOCKS_MS);
    });
  });

  it('that refuses fails its ID alone, with the edge’s code, in every form', async () => {
    const cases = idsOf(['1010', '1020'], [403]);
    const ids = [...cases.keys()].flatMap((id) => [id, `good-${id}`]);
    const onDelete = ({ socket, id, done }: Deletion): void => {
      const refused = cases.get(id);
      socket.write(refused === undefined ? done() : edgeWire(refused));
    };
    await withSocketApi({ onDelete }, async (api) => {
      const purge = await purgeAt(api.url, { ids, more: ['--concurrency', '1'] });
      expect(purge.result.exitCode).toBe(1);
      expect(purge.lines.map(({ id, outcome, code, attempts }) => [id, outcome, code, attempts])).toEqual(
        ids.map((id) => [id, cases.has(id) ? 'failed' : 'deleted', cases.has(id) ? Number(cases.get(id)?.code) : undefined, 1]),
      );
    });
  });
});

describe('Retry-After of an answer that is retried', () => {
  const HOURS_MS = 7_200_000;
  const gmt = (atMs: number): string => new Date(Math.floor(atMs / 1_000) * 1_000).toUTCString();
  /** The wait in whole seconds after the answer's own `Date`, on a server whose clock is `offMs` wrong. */
  const dated = (offMs: number, seconds: number): readonly string[] => [
    `date: ${gmt(Date.now() + offMs)}`,
    `retry-after: ${gmt(Date.now() + offMs + seconds * 1_000)}`,
  ];
  const forms: Readonly<Record<string, { readonly headers: () => readonly string[]; readonly body?: string; readonly leastMs: number }>> = {
    seconds: { headers: () => ['retry-after: 1'], leastMs: 1_000 },
    'a-fraction': { headers: () => ['retry-after: 0.75'], leastMs: 750 },
    'two-headers': { headers: () => ['retry-after: 0', 'retry-after: 1'], leastMs: 1_000 },
    'a-list': { headers: () => ['retry-after: 1, 1'], leastMs: 1_000 },
    'a-date-two-hours-back': { headers: () => dated(-HOURS_MS, 2), leastMs: 1_000 },
    'a-date-two-hours-ahead': { headers: () => dated(HOURS_MS, 2), leastMs: 1_000 },
    'epoch-two-hours-ahead': {
      headers: () => [`date: ${gmt(Date.now() + HOURS_MS)}`, `retry-after: ${Math.floor((Date.now() + HOURS_MS) / 1_000) + 2}`],
      leastMs: 1_000,
    },
    nonsense: { headers: () => ['retry-after: soon', 'retry-after: -5'], leastMs: 0 },
    'in-the-body': {
      headers: () => [],
      body: '{"cloudflare_error":true,"error_code":502,"retryable":true,"retry_after":1}',
      leastMs: 1_000,
    },
    'longer-in-the-body': { headers: () => ['retry-after: 0'], body: '{"error_code":502,"retry_after":1}', leastMs: 1_000 },
  };

  it('is read in every form, whatever the clocks say, and is the least wait', async () => {
    const answers = new FirstAnswers((id) => {
      const { headers, body = '' } = forms[id] ?? never(id);
      return wire('502 Bad Gateway', body, headers());
    });
    await withSocketApi({ onDelete: answers.onDelete }, async (api) => {
      const purge = await purgeAt(api.url, { ids: Object.keys(forms) });
      expect(purge.result.exitCode).toBe(0);
      expect(purge.lines.every(({ outcome, attempts }) => outcome === 'deleted' && attempts === 2)).toBe(true);
      // One that were misread by the two hours would wait the five minutes that are the most, and the test would not end.
      for (const [id, { leastMs }] of Object.entries(forms)) expect([id, answers.waitsMs.get(id)]).toEqual([id, atLeast(leastMs)]);
    });
  });

  it('holds in an outage too: no ID is sent before its wait is over, and none uses up a second attempt in it', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `image-${index}`);
    const answers = new FirstAnswers(() => wire('503 Service Unavailable', '', ['retry-after: 2']));
    // All fail together, so that none is tried again before the outage is seen.
    const first: Deletion[] = [];
    const onDelete = (deletion: Deletion): void => {
      if (deletion.nth > 1) return answers.onDelete(deletion);
      if (first.push(deletion) === ids.length) first.forEach(answers.onDelete);
    };
    await withSocketApi({ onDelete }, async (api) => {
      const purge = await purgeAt(api.url, { ids, more: ['--concurrency', '30'] });
      expect(purge.result.exitCode).toBe(0);
      expect(purge.result.stderr).toContain('"outage.started"');
      expect([...api.deleteRequests.values()]).toEqual(ids.map(() => 2));
      for (const id of ids) expect([id, answers.waitsMs.get(id)]).toEqual([id, atLeast(2_000)]);
      expect(Math.max(...purge.lines.map(({ attempts = 0 }) => attempts))).toBe(2);
    });
  });
});

describe('what an error says beside its message', () => {
  const said = {
    code: 5400,
    message: 'Bad\nrequest',
    documentation_url: 'https://developers.example/5400',
    error_chain: [{ code: 5401, message: 'of the\u001b[2J worst kind' }],
  };

  it('is in the report, on one line', () =>
    withSocketApi(
      { onDelete: ({ socket }) => void socket.write(wire('400 Bad Request', JSON.stringify({ success: false, errors: [said] }))) },
      async (api) => {
        const { result, lines } = await purgeAt(api.url, { ids: ['a'] });
        expect(result.exitCode).toBe(1);
        expect(lines[0]?.message).toBe('Bad request; 5401 of the\u001b[2J worst kind; see https://developers.example/5400');
        expect(result.stderr).not.toContain('\u001b');
      },
    ));

  it('is in the text of a stop', () =>
    withSocketApi(
      {
        onDelete: ({ socket }) =>
          void socket.write(
            wire('403 Forbidden', JSON.stringify({ success: false, errors: [{ ...said, code: 10000, message: 'Forbidden' }] })),
          ),
      },
      async (api) => {
        const { result, pending } = await purgeAt(api.url, { ids: ['a'] });
        expect(result.exitCode).toBe(3);
        expect(pending).toBe(1);
        expect(result.stderr).toContain(
          '403, code 10000 "Forbidden; 5401 of the\\u{1b}[2J worst kind; see https://developers.example/5400"',
        );
      },
    ));
});

/** Outcome and attempts of each ID. */
function fates({ lines }: SocketPurge): ReadonlyMap<string | undefined, string> {
  return new Map(lines.map(({ id, outcome, attempts }) => [id, `${outcome} after ${String(attempts)}`]));
}

function atLeast(ms: number): unknown {
  return {
    asymmetricMatch: (waitMs: unknown) => typeof waitMs === 'number' && waitMs >= ms - CLOCKS_MS,
    toString: () => `at least ${ms} ms`,
  };
}

function never(id: string): never {
  throw new Error(`${id} is no case of this test`);
}
