import fc from 'fast-check';
import type { JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { fixture } from '../../test/support/fixtures.js';
import { parseMessageId, readMessages } from './messages.js';

describe('parseMessageId', () => {
  test.each([
    ['Base.1.4.PropertyUnknown', 'Base', 'PropertyUnknown'],
    ['Base.0.10.ResetInProgress', 'Base', 'ResetInProgress'],
    ['iLO.2.15.UnableToModifyDuringSystemPOST', 'iLO', 'UnableToModifyDuringSystemPOST'],
    ['Base.1.0:Success', 'Base', 'Success'],
    ['iLOEvents.0.9.ServerPoweredOn', 'iLOEvents', 'ServerPoweredOn'],
    ['Success', '', 'Success'],
    ['', '', ''],
    ['...', '', ''],
  ])('%s', (id, registry, key) => {
    expect(parseMessageId(id)).toEqual({ registry, key });
  });
});

describe('readMessages', () => {
  const keys = (body: JsonObject): readonly string[] => readMessages(body).map(({ key }) => key);

  test('of Redfish', () => {
    const body = {
      error: {
        code: 'iLO.0.10.ExtendedInfo',
        message: 'See @Message.ExtendedInfo for more information.',
        '@Message.ExtendedInfo': [
          { MessageId: 'iLO.2.15.PropertyNotWritableOrUnknown', MessageArgs: ['BootSourceOverrideMode', 5], RelatedProperties: ['#/Boot/BootSourceOverrideMode'], Message: ' The property is not good. ', Resolution: 'Leave it out.' },
        ],
      },
    };
    expect(readMessages(body)).toEqual([
      {
        id: 'iLO.2.15.PropertyNotWritableOrUnknown',
        registry: 'iLO',
        key: 'PropertyNotWritableOrUnknown',
        args: ['BootSourceOverrideMode', '5'],
        properties: ['#/Boot/BootSourceOverrideMode'],
        text: 'The property is not good.',
        resolution: 'Leave it out.',
      },
    ]);
  });

  test('of RIS, as iLO 4 gave them', () => {
    expect(readMessages(fixture('ris-gen9-bl460c/rest_failure_output'))).toMatchObject([{ id: 'Base.0.0.FakeFailureMessage', key: 'FakeFailureMessage', args: [] }]);
    expect(keys(fixture('ris-gen9-bl460c/rest_post_response'))).toEqual(['Success']);
  });

  test('of early Redfish, which has both forms: each message once, with the words of either', () => {
    const words = { MessageId: 'Base.0.10.PropertyUnknown', MessageArgs: ['x'], Message: 'Words.' };
    const plain = { MessageID: 'Base.0.10.PropertyUnknown', MessageArgs: ['x'] };
    for (const [one, other] of [[words, plain], [plain, words]]) {
      expect(readMessages({ Messages: [one ?? {}], error: { '@Message.ExtendedInfo': [other ?? {}] } })).toMatchObject([{ key: 'PropertyUnknown', text: 'Words.' }]);
    }
  });

  test('a single message in place of a list, remarks on a success, and errors without more', () => {
    expect(keys({ error: { '@Message.ExtendedInfo': { MessageId: 'Base.1.4.GeneralError' } } })).toEqual(['GeneralError']);
    expect(keys({ '@Message.ExtendedInfo': [{ MessageId: 'iLO.2.14.SystemResetRequired' }] })).toEqual(['SystemResetRequired']);
    expect(readMessages({ error: { code: 'Base.1.0.GeneralError', message: 'Something.' } })).toMatchObject([{ key: 'GeneralError', text: 'Something.' }]);
  });

  test('whatever comes, it does not throw, and is bounded', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('Messages', '@Message.ExtendedInfo', 'error'), (value, place) => {
        expect(Array.isArray(readMessages({ [place]: value as JsonObject }))).toBe(true);
        expect(Array.isArray(readMessages({ error: { '@Message.ExtendedInfo': value as JsonObject } }))).toBe(true);
      }),
    );
    expect(readMessages({ Messages: Array.from({ length: 1000 }, (_, index) => ({ MessageID: `A.${index}` })) })).toHaveLength(64);
  });
});
