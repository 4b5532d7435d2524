import { describe, expect, expectTypeOf, test } from 'vitest';

import type { ConnectionOptions } from '../../../src/connect/connection.ts';
import type { Deletion, DeletionTask } from '../../../src/purge/deletion.ts';
import type { RehearsalTask } from '../../../src/purge/rehearsal.ts';
import type { AccountAccess } from '../../../src/connect/account-access.ts';
import { connectToRead } from '../../../src/connect/connect-to-read.ts';
import type { AskingTask } from '../../../src/purge/account/asking.ts';
import type {
  ApiAddress,
  ApiOptions,
  AskingOptions,
  DeleteOptions,
  ReadApi,
  RehearsalOptions,
  SendingOptions,
} from '../../../src/run/run-options.ts';
import { createCounters } from '../../../src/run/counters.ts';
import type { PurgeDeps } from '../../../src/run/deps.ts';
import { createHalt } from '../../../src/run/halt.ts';
import { PACE } from '../../support/connect/with-account.ts';
import { loadedWith } from '../../support/src-modules.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const ADDRESS: ApiAddress = { accountId: 'account', baseUrl: 'https://api.example' };
const WITH_CREDENTIALS: ApiOptions = {
  accountId: 'account',
  baseUrl: 'https://api.example',
  batchBaseUrl: 'https://batch.example',
  credentials: { kind: 'token', token: 't' },
  proxy: { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined },
};

/** Each `@ts-expect-error` fails the type check (`npm run check`) as soon as the line below it becomes possible. */
describe('a dry run and a plan cannot send: the type checker refuses it', () => {
  test('no connection is made from what a rehearsal is given', () => {
    // @ts-expect-error an address has no credentials, and a connection is not made without them
    const connecting: Pick<ConnectionOptions, 'api'> = { api: ADDRESS };
    expectTypeOf<RehearsalOptions['api']>().not.toExtend<ConnectionOptions['api']>();
    expectTypeOf<SendingOptions['api']>().toExtend<ConnectionOptions['api']>();
    expect(connecting.api).not.toHaveProperty('credentials');
  });

  test('a rehearsal takes no credentials, even where a program has them', () => {
    // @ts-expect-error credentials must not go into a dry run
    const address: RehearsalOptions['api'] = WITH_CREDENTIALS;
    expect(address).toBe(WITH_CREDENTIALS);
  });

  test('the task of a rehearsal is not the task of a deletion', () => {
    const rehearsal: RehearsalTask = { mode: 'dry-run' };
    // @ts-expect-error a deletion needs the way to the API
    const task: DeletionTask = rehearsal;
    expectTypeOf<ConstructorParameters<typeof Deletion>[1]>().toEqualTypeOf<DeletionTask>();
    expect(task).toBe(rehearsal);
  });

  test('credentials cannot be read before the mode is known to be delete', () => {
    // @ts-expect-error plan and dry run have none
    const credentialsOf = (options: DeleteOptions): ApiOptions['credentials'] => options.api.credentials;
    const ofDelete = (options: DeleteOptions): ApiOptions['credentials'] | undefined =>
      options.mode === 'delete' ? options.api.credentials : undefined;
    expect([credentialsOf, ofDelete]).toHaveLength(2);
  });
});

describe('a dry run that asks for each image can read, and no more', () => {
  test('no connection that deletes is made from what it is given', () => {
    const { batchBaseUrl: _, ...api } = WITH_CREDENTIALS;
    // @ts-expect-error a connection that deletes takes more than what reads
    const connecting: Pick<ConnectionOptions, 'api'> = { api };
    expectTypeOf<AskingOptions['api']>().toEqualTypeOf<ReadApi>();
    expectTypeOf<AskingTask>().not.toExtend<DeletionTask>();
    expect(connecting.api).not.toHaveProperty('batchBaseUrl');
  });

  test('what it connects to has no way to delete, in its type and when it runs', async () => {
    expectTypeOf<AccountAccess['reader']>().not.toHaveProperty('deleteImage');
    expectTypeOf<Awaited<ReturnType<typeof connectToRead>>>().toEqualTypeOf<AccountAccess>();
    const deps = { clock: new VirtualClock(), random: Math.random, stop: new AbortController().signal } as unknown as PurgeDeps;
    const options = { api: WITH_CREDENTIALS, pace: PACE, attemptsMax: 1, command: '' };
    const access = await connectToRead(options, deps, createHalt(deps, Infinity), createCounters(0));
    expect(access.reader).toHaveProperty('imageDetails');
    expect(access.reader).not.toHaveProperty('deleteImage');
    await access.close();
  });

  test('it imports nothing that sends', () => {
    expect(loadedWith('purge/account/asking.ts').filter((path) => path.startsWith('send/'))).toEqual([]);
  });
});

test('a rehearsal imports neither the HTTP client nor anything that sends', () => {
  const reached = loadedWith('purge/rehearsal.ts');
  expect(reached.filter((path) => /^(cloudflare|connect|send)\//.test(path))).toEqual([]);
  expect(loadedWith('purge/deletion.ts')).toEqual(expect.arrayContaining(['cloudflare/client.ts', 'send/deleting.ts']));
});
