import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import { type CliResult, withFolder } from '../support/cli/cli.ts';
import { runInProcess } from '../support/cli/in-process.ts';
import { closed, listening, wire } from '../support/servers/socket-api.ts';

/** What is done to a question for a page. */
type Act = (socket: Socket) => void;

const send =
  (text: string): Act =>
  (socket) =>
    void socket.write(text);

/** A page of the list. `more`: what else the result, or its images, hold. */
function page(ids: readonly string[], token: string | null): string {
  const images = ids.map((id) => ({ id, meta: { ['__proto__']: 1 }, unheardOf: [{}] }));
  return JSON.stringify({ success: true, errors: [], messages: [], result: { images, continuation_token: token, more: {} }, extra: 1 });
}

const FIRST = page(['a', 'b'], 't 1&x=y');
const LAST = page(['c'], null);

interface Listed extends CliResult {
  /** `undefined`: there is no such file. */
  readonly file: string | undefined;
  /** Paths of the questions, in their order. */
  readonly asked: readonly string[];
}

/** Runs `list -o` against a bare socket that does one thing to each question, and the last one again and again. */
function listAt(acts: readonly Act[], ...args: readonly string[]): Promise<Listed> {
  return withFolder(async (folder) => {
    const asked: string[] = [];
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      let head = '';
      socket.on('data', (chunk) => {
        head += chunk.toString('latin1');
        if (!head.includes('\r\n\r\n')) return;
        asked.push(head.split(' ')[1] ?? '');
        head = '';
        acts[Math.min(asked.length - 1, acts.length - 1)]?.(socket);
      });
    });
    const url = `http://127.0.0.1:${await listening(server, '127.0.0.1')}/client/v4`;
    try {
      const result = await runInProcess(['list', '--base-url', url, '--rate', 'unlimited', '--fields', 'id', '-o', 'all.csv', ...args], {
        cwd: folder,
      });
      const path = join(folder, 'all.csv');
      return { ...result, asked, file: existsSync(path) ? readFileSync(path, 'utf8') : undefined };
    } finally {
      await closed(server, sockets);
    }
  });
}

describe('a list over a bad connection', () => {
  it.each<[what: string, act: Act]>([
    ['half a body', (socket) => void socket.end(wire('200 OK', FIRST).slice(0, -20))],
    ['a body that is cut, its length told so', send(wire('200 OK', FIRST.slice(0, -20)))],
    ['a reset connection', (socket) => void socket.resetAndDestroy()],
    ['no answer at all', (socket) => void socket.end()],
    ['a page for people', send(wire('200 OK', '<html>Sign in to the network</html>'))],
    ['an empty body', send(wire('200 OK', ''))],
    ['a success that is not said', send(wire('200 OK', JSON.stringify({ result: { images: [{ id: 'x' }], continuation_token: null } })))],
    ['a failure with images', send(wire('200 OK', FIRST.replace('"success":true', '"success":false')))],
    ['a null result', send(wire('200 OK', '{"success":true,"errors":[],"messages":[],"result":null}'))],
    ['an error of the edge', send(wire('502 Bad Gateway', '<html>502</html>'))],
    ['a page that is no list', send(wire('200 OK', '{"success":true,"errors":[],"messages":[],"result":{"count":{"current":0}}}'))],
  ])('%s is asked for again, and the list is whole', async (_, act) => {
    const first = await listAt([act, send(wire('200 OK', FIRST)), send(wire('200 OK', LAST))]);
    expect(first).toMatchObject({ exitCode: 0, file: 'id\na\nb\nc\n' });
    const last = await listAt([send(wire('200 OK', FIRST)), act, send(wire('200 OK', LAST))]);
    expect(last).toMatchObject({ exitCode: 0, file: 'id\na\nb\nc\n' });
    expect(last.asked.map((path) => path.split('continuation_token=')[1])).toEqual([undefined, 't%201%26x%3Dy', 't%201%26x%3Dy']);
  });

  it('a page in many pieces is one page', async () => {
    const dripped: Act = (socket) => {
      for (const piece of wire('200 OK', FIRST).match(/[^]{1,7}/g) ?? []) socket.write(piece);
    };
    expect(await listAt([dripped, send(wire('200 OK', LAST))])).toMatchObject({ exitCode: 0, file: 'id\na\nb\nc\n' });
  });

  it('a page over what is read is asked for in smaller ones', async () => {
    const long = wire('200 OK', page(['x'.repeat(17 * 1024 * 1024)], null));
    const { exitCode, file, asked } = await listAt([send(long), send(long), send(wire('200 OK', LAST))]);
    expect({ exitCode, file }).toEqual({ exitCode: 0, file: 'id\nc\n' });
    expect(asked.map((path) => /per_page=(\d+)/.exec(path)?.[1])).toEqual(['1000', '500', '250']);
  });

  it.each<[what: string, exitCode: number, acts: readonly Act[], said: string]>([
    ['a page for people, again and again', 4, [send(wire('200 OK', '<html>Sign in</html>'))], 'no question got a final answer for 1 s'],
    ['a null result, again and again', 5, [send(wire('200 OK', '{"success":true,"errors":[],"result":null}'))], 'cannot be trusted'],
    ['a token that comes again', 5, [send(wire('200 OK', FIRST)), send(wire('200 OK', page(['z'], 't 1&x=y')))], 'same continuation token'],
    ['a redirect', 3, [send(wire('302 Found', '', ['location: http://127.0.0.1:1/']))], 'not the Images API'],
    ['a firewall’s page', 3, [send(wire('403 Forbidden', '<html>Attention</html>'))], 'not the Images API'],
    ['an address where nothing is', 3, [send(wire('404 Not Found', '<html>no</html>'))], 'not the Images API'],
  ])('%s: exit %i, and no file', async (_, exitCode, acts, said) => {
    const ended = await listAt(acts, '--give-up-after', '1s', '--max-attempts', '2');
    expect({ exitCode: ended.exitCode, file: ended.file }).toEqual({ exitCode, file: undefined });
    expect(ended.stderr).toContain(said);
  });
});
