import { expect, it } from 'vitest';

import { parseListenAddress } from '../../../src/options/parse/listen-address.ts';
import { refusal } from '../../support/cli/refusal.ts';

it.each([
  ['9464', '127.0.0.1', 9464],
  [':0', '127.0.0.1', 0],
  ['0.0.0.0:9464', '0.0.0.0', 9464],
  [' localhost:80 ', 'localhost', 80],
  ['[::1]:9464', '::1', 9464],
])('%j listens on %s, port %i', (text, host, port) => {
  expect(parseListenAddress(text, '--metrics-listen')).toEqual({ host, port });
});

it.each(['', 'localhost', '65536', '127.0.0.1:', '::1:9464', 'http://127.0.0.1:9464', 'a b:1', 'u@h:1', '-1'])(
  '%j is no address to listen on',
  (text) => {
    expect(refusal(() => parseListenAddress(text, '--metrics-listen'))).toMatchObject({ code: 'OPTION_VALUE', exitCode: 2 });
  },
);
