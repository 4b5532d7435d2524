import { expect, it, vi } from 'vitest';

import { realEngines } from '../../../src/cli/engines.ts';
import { runCli } from '../../../src/cli/run.ts';
import { SIMULATED_API_OPTIONS } from '../../../src/options/definitions/simulated-api.ts';
import { EDGE_CODES, EDGE_ERRORS, EDGE_FORMS, EDGE_WAITS } from '../../../src/simulator/answers/edge-answers.ts';
import { testWorld } from '../../support/cli/cli-world.ts';

it('simulate says where it answers and how to use it, plays the images it was given, and ends with a signal', async () => {
  const world = testWorld(['simulate', '--images', 'ids.csv', '--quota', '100/s'], { files: { 'ids.csv': 'id\r\na\r\nb\n\n' } });
  const running = runCli(world, realEngines);
  await vi.waitFor(() => expect(world.stderr.text).toContain('images-purge delete ids.csv'), 10_000);
  const { url, account, token } = JSON.parse(world.stdout.text) as { url: string; account: string; token: string };
  expect(world.stderr.text).toContain(`export CLOUDFLARE_BASE_URL=${url} CLOUDFLARE_ACCOUNT_ID=${account} CLOUDFLARE_API_TOKEN=${token}`);
  const statuses: number[] = [];
  for (const id of ['a', 'a', 'id']) {
    const { status } = await fetch(`${url}/accounts/${account}/images/v1/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    statuses.push(status);
  }
  expect(statuses).toEqual([200, 404, 404]);
  world.signal('SIGINT');
  expect(await running).toBe(0);
  expect(world.stderr.text).toContain('3 requests, 1 images deleted, 0 requests throttled');
});

it('simulate with a list that cannot be read, or a port that is taken, is exit 5', async () => {
  const unreadable = testWorld(['simulate', '--images', 'no-such-file']);
  expect(await runCli(unreadable, realEngines)).toBe(5);
  expect(unreadable.stderr.text).toContain('--images no-such-file cannot be read');
  const first = testWorld(['simulate']);
  const running = runCli(first, realEngines);
  await vi.waitFor(() => expect(first.stdout.text).not.toBe(''), 10_000);
  const { port } = new URL((JSON.parse(first.stdout.text) as { url: string }).url);
  const second = testWorld(['simulate', '--port', port]);
  expect(await runCli(second, realEngines)).toBe(5);
  expect(second.stderr.text).toContain('the simulated API could not be started');
  first.signal('SIGTERM');
  await running;
});

it('simulate lets the edge answer, with the errors and in the forms that were asked for', async () => {
  const edge = ['--edge-faults', '100%', '--edge-codes', '1205,502', '--edge-forms', 'text,json', '--edge-waits', 'headers,list'];
  const world = testWorld(['simulate', ...edge, '--seed', '3']);
  const running = runCli(world, realEngines);
  await vi.waitFor(() => expect(world.stdout.text).not.toBe(''), 10_000);
  const { url, account, token } = JSON.parse(world.stdout.text) as { url: string; account: string; token: string };
  const seen = new Set<string>();
  for (let index = 0; index < 40; index++) {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const answer = await fetch(`${url}/accounts/${account}/images/v1/${index}`, { method: 'DELETE', headers });
    const body = await answer.text();
    seen.add(`${answer.status} ${answer.headers.get('retry-after')} ${body.startsWith('{') ? 'json' : body}`);
  }
  const texts = ['403 0, 5 error code: 1205', '403 5, 5 error code: 1205', '502 0, 60 error code: 502', '502 60, 60 error code: 502'];
  expect(seen).toEqual(new Set(texts.flatMap((text) => [text, text.replace(/error code: .*/, 'json')])));
  world.signal('SIGINT');
  expect(await running).toBe(0);
  expect(world.stderr.text).toContain('40 requests, 0 images deleted');
});

it('simulate names every error of the edge that it can play', () => {
  const { edgeCodes, edgeForms, edgeWaits } = SIMULATED_API_OPTIONS;
  expect(edgeCodes.value.of.toSorted()).toEqual(EDGE_CODES.toSorted());
  expect(edgeForms.value.of).toEqual(EDGE_FORMS);
  expect(edgeWaits.value.of).toEqual(EDGE_WAITS);
  for (const code of EDGE_CODES) expect(EDGE_ERRORS[code].status).toBeGreaterThanOrEqual(403);
});

it('simulate says what stands in the way of its hint in an environment like its own', async () => {
  const env = { CLOUDFLARE_API_TOKEN_FILE: '/run/secrets/token', IMAGES_PURGE_BASE_URL: 'https://api.example' };
  const world = testWorld(['simulate'], { env });
  const running = runCli(world, realEngines);
  await vi.waitFor(() => expect(world.stderr.text).toContain('images-purge delete ids.csv'), 10_000);
  expect(world.stderr.text).toContain('\n  unset CLOUDFLARE_API_TOKEN_FILE IMAGES_PURGE_BASE_URL\n  export CLOUDFLARE_BASE_URL=');
  world.signal('SIGTERM');
  await running;
});
