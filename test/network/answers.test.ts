import { describe, expect, it } from 'vitest';

import { makeIds } from '../support/purge/purge.ts';
import { type Deletion, ENVELOPE, type SocketApi, wire, withSocketApi } from '../support/servers/socket-api.ts';
import { purgeAt, type SocketPurge } from '../support/purge/socket-purge.ts';

const IDS = makeIds(3);
/** Nothing is sent before the list has been read to its end: a stop leaves all of it pending. */
const WHOLE_LIST = ['--min-ids', '1'];

/** Whatever happened: nothing is called deleted that is not, nobody else was asked for, and no ID was sent too often. */
function expectTruth(api: SocketApi, { outcomes, pending, result }: SocketPurge): void {
  for (const [id, outcome] of outcomes) if (outcome === 'deleted') expect(api.deleted).toContain(id);
  for (const id of api.deleteRequests.keys()) expect(IDS).toContain(id);
  expect(outcomes.size + pending).toBe(IDS.length);
  expect(result.stderr).not.toContain('a defect in images-purge');
}

type Fault = (deletion: Deletion) => void;

/** Each ID is named after what it meets the first time. */
const BEFORE_THE_WORK: Readonly<Record<string, Fault>> = {
  reset: ({ socket }) => void socket.resetAndDestroy(),
  closed: ({ socket }) => void socket.destroy(),
  'never-answered': () => undefined,
  garbage: ({ socket }) => void socket.write('SSH-2.0-OpenSSH_9.9\r\n\r\n'),
  'http-0.9': ({ socket }) => void socket.end('{"success":true}'),
  'switching-protocols': ({ socket }) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
  'tls-alert': ({ socket }) => void socket.write(Buffer.from([0x15, 3, 1, 0, 2, 2, 80])),
  'http-2-settings': ({ socket }) => void socket.write(Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100])),
  'head-over-64-KiB': ({ socket }) => void socket.write(wire('200 OK', ENVELOPE, [`x-long: ${'x'.repeat(70_000)}`])),
  'two-lengths': ({ socket }) =>
    void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: ${ENVELOPE.length}\r\n\r\n${ENVELOPE}`),
  'length-and-chunks': ({ socket }) =>
    void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${ENVELOPE.length}\r\ntransfer-encoding: chunked\r\n\r\n${ENVELOPE}`),
  'negative-length': ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n${ENVELOPE}`),
  'broken-chunk': ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n${ENVELOPE}\r\n0\r\n\r\n`),
  'body-too-short': ({ socket }) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n${ENVELOPE}`),
  'body-too-long': ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n${ENVELOPE}`),
  'ten-MB-of-success': ({ socket }) => void socket.write(wire('200 OK', `{"success":true,"pad":"${'x'.repeat(10_000_000)}"}`)),
  'success-and-then-garbage-past-64-KiB': ({ socket }) => void socket.write(wire('200 OK', `{"success":true}${' '.repeat(70_000)}garbage`)),
  'compressed-unasked': ({ socket }) => void socket.write(wire('200 OK', '\u001f\u008b', ['content-encoding: gzip'])),
};

const AFTER_THE_WORK: Readonly<Record<string, Fault>> = {
  reset: ({ socket, done }) => void (done(), socket.resetAndDestroy()),
  'half-a-head': ({ socket, done }) => void socket.end(done().slice(0, 20)),
  'half-a-body': ({ socket, done }) => void socket.end(done().slice(0, -10)),
  'no-end-of-the-body': ({ socket, done }) => void socket.write(done().slice(0, -10)),
  'never-answered': ({ done }) => void done(),
};

const onceEach =
  (faults: Readonly<Record<string, Fault>>): Fault =>
  (deletion) =>
    deletion.nth === 1 ? faults[deletion.id]?.(deletion) : void deletion.socket.write(deletion.done());

describe('without a whole answer', () => {
  it('and without the work done: the ID is sent again, once, and only then deleted', () =>
    withSocketApi({ onDelete: onceEach(BEFORE_THE_WORK) }, async (api) => {
      const ids = Object.keys(BEFORE_THE_WORK);
      const purge = await purgeAt(api.url, { ids });
      expect(purge.result.exitCode).toBe(0);
      expect(purge.outcomes).toEqual(new Map(ids.map((id) => [id, 'deleted'])));
      expect(api.deleteRequests).toEqual(new Map(ids.map((id) => [id, 2])));
      expect(api.deleted).toEqual(new Set(ids));
    }));

  it('and with the work done: the ID counts as absent, perhaps by our own doing, and not for --fail-on-absent', () =>
    withSocketApi({ onDelete: onceEach(AFTER_THE_WORK) }, async (api) => {
      const ids = Object.keys(AFTER_THE_WORK);
      const purge = await purgeAt(api.url, { ids, more: ['--expect-absent', '--fail-on-absent'] });
      expect(purge.result.exitCode).toBe(0);
      expect(new Map(purge.lines.map(({ id, outcome, earlierUnknown }) => [id, [outcome, earlierUnknown]]))).toEqual(
        new Map(ids.map((id) => [id, ['absent', true]])),
      );
      expect(api.deleted).toEqual(new Set(ids));
    }));
});

describe('an answer that never comes whole', () => {
  it('a byte at a time: each try ends with --timeout, the ID fails, and the run ends', () =>
    withSocketApi(
      {
        onDelete({ socket, done }) {
          const bytes = done();
          let at = 0;
          const drip = setInterval(() => (at < 40 ? socket.write(bytes[at++] ?? '') : clearInterval(drip)), 100);
          socket.once('close', () => clearInterval(drip));
        },
      },
      async (api) => {
        const purge = await purgeAt(api.url, { ids: IDS, more: ['--timeout', '500ms', '--max-attempts', '2'] });
        expect(purge.result.exitCode).toBe(1);
        expectTruth(api, purge);
        expect(purge.lines.map(({ outcome, message }) => [outcome, message])).toEqual(
          IDS.map(() => ['failed', 'no whole answer within 500 ms']),
        );
      },
    ));

  it('interim answers without end are no answer', () =>
    withSocketApi(
      {
        onDelete({ socket }) {
          const more = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(50)), 10);
          socket.once('close', () => clearInterval(more));
        },
      },
      async (api) => {
        const purge = await purgeAt(api.url, { ids: IDS, more: ['--timeout', '500ms', '--max-attempts', '2'] });
        expect(purge.result.exitCode).toBe(1);
        expectTruth(api, purge);
        expect([...purge.outcomes.values()]).toEqual(['failed', 'failed', 'failed']);
      },
    ));

  it('a body without end is not read on, and not kept', () =>
    withSocketApi(
      {
        onDelete({ socket }) {
          socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
          const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
          const pour = (): void => {
            while (!socket.destroyed && socket.write(chunk)) continue;
          };
          socket.on('drain', pour);
          pour();
        },
      },
      async (api) => {
        const purge = await purgeAt(api.url, { ids: IDS, more: ['--max-attempts', '2'] });
        expect(purge.result.exitCode).toBe(1);
        expectTruth(api, purge);
        expect(purge.lines.map(({ message }) => message)).toEqual(IDS.map(() => 'HTTP 200 with a body over 65536 bytes'));
      },
    ));
});

describe('an answer with a page over 1 MiB', () => {
  it.each(['404 Not Found', '302 Found'])('is still a %s: exit 3, all of it pending', (status) =>
    withSocketApi({ onDelete: ({ socket }) => void socket.write(wire(status, 'x'.repeat(1_500_000))) }, async (api) => {
      const purge = await purgeAt(api.url, { ids: IDS, more: ['--max-attempts', '2', ...WHOLE_LIST] });
      expect(purge.result.exitCode).toBe(3);
      expectTruth(api, purge);
      expect(purge.pending).toBe(IDS.length);
    }),
  );
});

describe('interim answers before the real one', () => {
  it('is passed over', () =>
    withSocketApi(
      {
        onDelete: ({ socket, done }) =>
          void socket.write(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${done()}`),
      },
      async (api) => {
        const purge = await purgeAt(api.url, { ids: IDS });
        expect(purge.result.exitCode).toBe(0);
        expectTruth(api, purge);
        expect([...api.deleteRequests.values()]).toEqual([1, 1, 1]);
      },
    ));

  it('100 Continue, which nobody asked for, costs the answer and no truth', () =>
    withSocketApi(
      { onDelete: ({ socket, nth, done }) => void socket.write(nth === 1 ? `HTTP/1.1 100 Continue\r\n\r\n${done()}` : done()) },
      async (api) => {
        const purge = await purgeAt(api.url, { ids: IDS, more: ['--expect-absent'] });
        expect(purge.result.exitCode).toBe(0);
        expectTruth(api, purge);
        expect(
          purge.lines.every(({ outcome, earlierUnknown }) => outcome === 'deleted' || (outcome === 'absent' && earlierUnknown === true)),
        ).toBe(true);
      },
    ));
});

describe('kept connections', () => {
  it('closed by the server after each answer lose nothing', () =>
    withSocketApi({ onDelete: ({ socket, done }) => void socket.end(done()) }, async (api) => {
      const purge = await purgeAt(api.url, { ids: IDS, more: ['--concurrency', '1'] });
      expect(purge.result.exitCode).toBe(0);
      expectTruth(api, purge);
      expect(api.deleted).toEqual(new Set(IDS));
    }));

  it('on which an answer too many came in one piece with the first are given up, and the next ID does not get it', () =>
    withSocketApi(
      {
        onDelete({ socket, id, done }) {
          if (id === IDS[0]) return void socket.write(done() + wire('200 OK', ENVELOPE));
          socket.write(wire('400 Bad Request', '{"success":false,"errors":[{"code":5400,"message":"no"}]}'));
        },
      },
      async (api) => {
        const purge = await purgeAt(api.url, { ids: IDS, more: ['--concurrency', '1'] });
        expect(purge.result.exitCode).toBe(1);
        expectTruth(api, purge);
        expect([...purge.outcomes]).toEqual([
          [IDS[0], 'deleted'],
          [IDS[1], 'failed'],
          [IDS[2], 'failed'],
        ]);
      },
    ));
});

describe('redirects', () => {
  it.each([301, 307])('%s is never followed: exit 3, nobody else is asked, all of it pending', (status) =>
    withSocketApi({ onDelete: ({ socket, done }) => void socket.write(done()) }, async (elsewhere) =>
      withSocketApi(
        {
          onDelete: ({ socket, id }) =>
            void socket.write(wire(`${status} Moved`, '', [`location: ${elsewhere.url}/accounts/x/images/v1/${id}`])),
        },
        async (api) => {
          const purge = await purgeAt(api.url, { ids: IDS, more: WHOLE_LIST });
          expect(purge.result.exitCode).toBe(3);
          expectTruth(api, purge);
          expect(purge.pending).toBe(IDS.length);
          expect(elsewhere.connectionCount()).toBe(0);
        },
      ),
    ),
  );
});
