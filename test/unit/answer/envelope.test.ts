import { describe, expect, it } from 'vitest';

import { readBody } from '../../../src/answer/edge-error.ts';

const NONE = { success: undefined, errors: [], statsCount: undefined };

describe('an envelope', () => {
  it.each([
    '',
    ' ',
    'null',
    '5',
    'true',
    '"success"',
    '[]',
    '[{"success":true}]',
    '{}',
    '{"result":{}}',
    '{"success":"true"}',
    '{"success":1,"errors":{}}',
    '{"success":null,"errors":null}',
    '{"success":true',
    'x{"success":true}',
    '<html>',
  ])('is not made of %j', (body) => expect(readBody(body).envelope).toBeUndefined());

  it.each<[string, object]>([
    ['{"success":true}', { ...NONE, success: true }],
    ['{"success":false,"errors":[]}', { ...NONE, success: false }],
    ['{"errors":[]}', NONE],
    ['{"success":"true","errors":[]}', NONE],
    ['{"success":true,"errors":"none"}', { ...NONE, success: true }],
    ['\r\n {"success":true}\n', { ...NONE, success: true }],
  ])('is %s: with one of success and errors as it should be, and no other taken for it', (body, envelope) =>
    expect(readBody(body).envelope).toEqual(envelope),
  );

  it.each<[unknown, object]>([
    [
      { code: 5404, message: 'gone' },
      { code: 5404, message: 'gone' },
    ],
    [{ code: '5404' }, { code: 5404, message: undefined }],
    [{ code: '1234567890' }, { code: undefined, message: undefined }],
    [
      { code: ['5404'], message: ['gone'] },
      { code: undefined, message: undefined },
    ],
    [
      { code: '5404x', message: 5 },
      { code: undefined, message: undefined },
    ],
    [
      { code: 'x5404', message: null },
      { code: undefined, message: undefined },
    ],
    [{}, { code: undefined, message: undefined }],
    [null, { code: undefined, message: undefined }],
    ['5404', { code: undefined, message: undefined }],
  ])('reads the error %j as far as it is one', (error, read) =>
    expect(readBody(JSON.stringify({ errors: [error] })).envelope?.errors).toStrictEqual([{ remarks: [], ...read }]),
  );

  it.each<[string, object, readonly string[]]>([
    ['where it is documented', { documentation_url: ' https://developers.example/10000 ' }, ['see https://developers.example/10000']],
    ['nothing of an address that is none', { documentation_url: 5 }, []],
    [
      'its chain, nested or not, before that',
      {
        documentation_url: 'https://d.example',
        error_chain: [
          { code: 6111, message: 'Invalid format', error_chain: [{ code: '6103', message: 'Invalid key' }] },
          { message: 'More' },
        ],
      },
      ['6111 Invalid format', 'More', '6103 Invalid key', 'see https://d.example'],
    ],
    ['of a long chain the first five', { error_chain: Array.from({ length: 50 }, (_, code) => ({ code })) }, ['0', '1', '2', '3', '4']],
    ['nothing of a chain that is none', { error_chain: [null, 5, 'x', {}, [], { code: {}, message: 7, error_chain: 'x' }] }, []],
  ])('tells beside an error: %s', (_, error, remarks) =>
    expect(readBody(JSON.stringify({ errors: [error] })).envelope?.errors[0]?.remarks).toEqual(remarks),
  );

  it('reads a chain of any depth', () => {
    const depth = 5_000;
    const body = `{"errors":[${'{"code":1,"error_chain":['.repeat(depth)}${']}'.repeat(depth)}]}`;
    expect(readBody(body).envelope?.errors[0]?.remarks).toEqual(['1', '1', '1', '1', '1']);
  });

  it.each([
    ['{"count":{"current":12}}', 12],
    ['{"count":{"current":0}}', 0],
    ['{"count":{"current":-1}}', undefined],
    ['{"count":{"current":1e999}}', undefined],
    ['{"count":{"current":"12"}}', undefined],
    ['{"count":{"current":null}}', undefined],
    ['{"count":{"current":[]}}', undefined],
    ['{"count":null}', undefined],
    ['{"count":{}}', undefined],
    ['{}', undefined],
    ['null', undefined],
    ['"count"', undefined],
  ])('with the result %s counts %j images', (result, count) =>
    expect(readBody(`{"success":true,"result":${result}}`).envelope?.statsCount).toBe(count),
  );
});
