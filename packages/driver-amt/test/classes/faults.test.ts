import { expect, test } from 'vitest';
import { parseChallenges } from '../../src/client/wsman/digest/challenge.js';
import { readReply } from '../../src/client/wsman/envelope/reply.js';
import { faultError } from '../../src/client/wsman/faults/soap-fault.js';
import { fixtureText } from './fixtures.js';

function faultOf(path: string, messageId: string): object {
  const reply = readReply(fixtureText(path), { messageId, action: 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get' });
  if (reply.kind !== 'fault') return expect.fail('no fault');
  const { code, retryable, details } = faultError(reply.fault, false);
  return { fault: reply.fault, code, retryable, details };
}

test('a class that the device does not have', () => {
  expect(faultOf('recorded/faults/destination-unreachable.xml', '0')).toEqual({
    fault: {
      subcode: 'DestinationUnreachable',
      reason: 'No route can be determined to reach the destination role defined by the WSAddressing To.',
      detail: undefined,
    },
    code: 'NOT_FOUND',
    retryable: false,
    details: { subcode: 'DestinationUnreachable', detail: null },
  });
});

test('access denied', () => {
  expect(faultOf('constructed/access-denied.xml', '7')).toEqual({
    fault: { subcode: 'AccessDenied', reason: 'The sender was not authorized to access the resource.', detail: undefined },
    code: 'REFUSED',
    retryable: false,
    details: { subcode: 'AccessDenied', detail: null },
  });
});

test('a status of AMT in a fault', () => {
  expect(faultOf('constructed/internal-error-amt-status-1.xml', '7')).toEqual({
    fault: {
      subcode: 'InternalError',
      reason: 'The service cannot comply with the request due to internal processing errors.',
      detail: 'AMT-STATUS 1',
    },
    code: 'REFUSED',
    retryable: true,
    details: { subcode: 'InternalError', detail: 'AMT-STATUS 1', amtStatus: 1 },
  });
});

test('an instance with missing fields', () => {
  expect(faultOf('constructed/invalid-representation-missing-values.xml', '7')).toEqual({
    fault: { subcode: 'InvalidRepresentation', reason: 'The XML content is not valid.', detail: 'MissingValues' },
    code: 'INTERNAL',
    retryable: false,
    details: { subcode: 'InvalidRepresentation', detail: 'MissingValues' },
  });
});

test('selectors that do not pick', () => {
  expect(faultOf('constructed/invalid-selectors.xml', '7')).toEqual({
    fault: { subcode: 'InvalidSelectors', reason: 'The Selectors for the resource are not valid.', detail: 'InsufficientSelectors' },
    code: 'INTERNAL',
    retryable: false,
    details: { subcode: 'InvalidSelectors', detail: 'InsufficientSelectors' },
  });
});

test('a busy device', () => {
  expect(faultOf('constructed/quota-limit.xml', '7')).toEqual({
    fault: { subcode: 'QuotaLimit', reason: 'The service is busy servicing other requests.', detail: undefined },
    code: 'BUSY',
    retryable: true,
    details: { subcode: 'QuotaLimit', detail: null },
  });
});

test('the challenge of AMT 15', () => {
  const headers = fixtureText('recorded/http/401-amt15.http').split('\r\n');
  expect(headers[0]).toBe('HTTP/1.1 401 Unauthorized');
  const challenge = headers.find((header) => header.startsWith('WWW-Authenticate: '))?.slice('WWW-Authenticate: '.length) ?? '';
  expect(parseChallenges([challenge])).toEqual([
    {
      scheme: 'digest',
      parameters: new Map([
        ['realm', 'Digest:34BF4B5A0561F95248F58509A406E046'],
        ['nonce', 'bQali2IAAAAAAAAAn0xaWCOcxNsRcEHX'],
        ['stale', 'false'],
        ['qop', 'auth'],
      ]),
    },
  ]);
});
