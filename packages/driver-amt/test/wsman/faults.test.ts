import { readdirSync, readFileSync } from 'node:fs';
import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReply, type SoapFault } from '../../src/client/wsman/envelope/reply.js';
import { FAULTS, STATUS_MEANINGS } from '../../src/client/wsman/faults/fault-table.js';
import { httpStatusError } from '../../src/client/wsman/faults/http-status.js';
import { faultError } from '../../src/client/wsman/faults/soap-fault.js';
import { PT_STATUS, ptStatusOf, returnValueName } from '../../src/client/wsman/index.js';
import { faultAnswer, http, plainAnswer } from './support/answers.js';
import { named, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);

function recordedFault(path: string): SoapFault {
  const text = readFileSync(new URL(path, FIXTURES), 'utf8');
  const reply = readReply(text, { messageId: /RelatesTo>(\d+)</.exec(text)?.[1] ?? '', action: 'any' });
  if (reply.kind !== 'fault') throw new Error(`${path} is no fault`);
  return reply.fault;
}

describe('faults of devices', () => {
  test.each([
    ['recorded/faults/destination-unreachable.xml', { subcode: 'DestinationUnreachable', reason: 'No route can be determined to reach the destination role defined by the WSAddressing To.', detail: undefined }, 'NOT_FOUND'],
    ['constructed/access-denied.xml', { subcode: 'AccessDenied', reason: 'The sender was not authorized to access the resource.', detail: undefined }, 'REFUSED'],
    ['constructed/internal-error-amt-status-1.xml', { subcode: 'InternalError', reason: 'The service cannot comply with the request due to internal processing errors.', detail: 'AMT-STATUS 1' }, 'REFUSED'],
    ['constructed/invalid-representation-missing-values.xml', { subcode: 'InvalidRepresentation', reason: 'The XML content is not valid.', detail: 'MissingValues' }, 'INTERNAL'],
    ['constructed/invalid-selectors.xml', { subcode: 'InvalidSelectors', reason: 'The Selectors for the resource are not valid.', detail: 'InsufficientSelectors' }, 'INTERNAL'],
    ['constructed/quota-limit.xml', { subcode: 'QuotaLimit', reason: 'The service is busy servicing other requests.', detail: undefined }, 'BUSY'],
  ])('%s', (path, fault, code) => {
    expect(recordedFault(path)).toEqual(fault);
    expect(faultError(fault, false)).toMatchObject({ code, details: { subcode: fault.subcode, detail: fault.detail ?? null } });
  });

  test('are all of the fixtures', () => {
    expect([...readdirSync(new URL('recorded/faults', FIXTURES)), ...readdirSync(new URL('constructed', FIXTURES))].toSorted()).toEqual([
      'access-denied.xml', 'destination-unreachable.xml', 'internal-error-amt-status-1.xml', 'invalid-representation-missing-values.xml', 'invalid-selectors.xml', 'quota-limit.xml',
    ]);
  });

  test('access denied names both causes', () => {
    const { message, hint, retryable } = faultError({ subcode: 'AccessDenied', reason: undefined, detail: undefined }, true);
    expect([message, hint, retryable]).toEqual([expect.stringMatching(/realm.*consent/), expect.stringMatching(/realms.*consent/), false]);
  });

  test.each([
    [1, 'REFUSED', true, 'internal error'],
    [2, 'BUSY', true, 'not ready'],
    [16, 'REFUSED', false, 'not permitted'],
    [38, 'BUSY', false, 'flash write limit exceeded'],
    [2058, 'CONFLICT', false, 'duplicate'],
    [2066, 'UNSUPPORTED', false, 'unsupported'],
    [2068, 'NOT_FOUND', false, 'not found'],
    [2081, 'REFUSED', false, 'user consent required'],
    [34_826, 'CONFLICT', false, 'duplicate'],
  ])('AMT-STATUS %i is %s', (status, code, retryable, words) => {
    expect(faultError({ subcode: 'InternalError', reason: undefined, detail: `AMT-STATUS ${status}` }, false)).toMatchObject({
      code, retryable, message: expect.stringContaining(words) as string, details: { amtStatus: ptStatusOf(status) },
    });
  });

  test('after a change that may have been made all the same, nothing is to be retried before a look', () => {
    for (const subcode of ['TimedOut', 'InternalError']) {
      expect(faultError({ subcode, reason: undefined, detail: undefined }, true)).toMatchObject({ retryable: false, details: { sent: true }, hint: expect.stringContaining('read the state') as string });
      expect(faultError({ subcode, reason: undefined, detail: undefined }, false)).toMatchObject({ retryable: true });
    }
  });

  test('whatever a device words, the error is typed, short, and without a password in it', () => {
    const words = fc.option(fc.string({ unit: 'binary', maxLength: 400 }), { nil: undefined });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...Object.keys(FAULTS), '__proto__', 'toString')), words, words, fc.boolean(), (subcode, reason, detail, changes) => {
        const error = faultError({ subcode, reason, detail }, changes);
        expect(FerricError.is(error)).toBe(true);
        expect(error.message.length).toBeLessThan(500);
        expect(error.hint).toBeTruthy();
      }),
    );
    expect(faultError({ subcode: 'X', reason: 'Out of cheese', detail: undefined }, false)).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('X: Out of cheese') as string });
    expect(JSON.stringify(faultError({ subcode: 'X', reason: 'password=Geheim1!', detail: undefined }, false))).not.toContain('Geheim1!');
  });
});

describe('a fault that a call meets', () => {
  test.each(['400 Bad Request', '500 Internal Server Error', '200 OK', '403 Forbidden'])('is told whatever the HTTP status is: %s', async (status) => {
    await using device = await startDigestDevice({
      handle: (request, socket) => void socket.write(http(faultAnswer(request, 'AccessDenied', '<c:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/Realm</c:FaultDetail>'), { status })),
    });
    await using client = makeClient(device);
    expect(await rejection(client.get('AMT_AuditLog', { selectors: { Name: 'x' } }))).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining(`Get AMT_AuditLog at 127.0.0.1:${device.port}: The device answered that access is denied`) as string,
      details: { address: `127.0.0.1:${device.port}`, resource: 'AMT_AuditLog', operation: 'Get', subcode: 'AccessDenied', detail: 'Realm', sent: false },
    });
  });

  test('is told when the device could not even read the number of the request', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(http(faultAnswer(request, 'SchemaValidationError').replace(/<b:RelatesTo>.*<\/b:RelatesTo>/, ''))) });
    await using client = makeClient(device);
    expect(await rejection(client.get('CIM_Card'))).toMatchObject({ code: 'INTERNAL', details: { subcode: 'SchemaValidationError' } });
  });

  test('to another request is none to this', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(http(faultAnswer(request, 'QuotaLimit').replace(/<b:RelatesTo>.*<\/b:RelatesTo>/, '<b:RelatesTo>99</b:RelatesTo>'))) });
    await using client = makeClient(device);
    expect(await rejection(client.get('CIM_Card'))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { field: 'RelatesTo' } });
  });

  test('in answer to a method says that it was not carried out', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(http(named(request).startsWith('Get') ? plainAnswer(request) : faultAnswer(request, 'AccessDenied'))) });
    await using client = makeClient(device);
    expect(await rejection(client.invoke('CIM_BootService', 'SetBootConfigRole'))).toMatchObject({ code: 'REFUSED', details: { operation: 'SetBootConfigRole', sent: false } });
    expect((await client.get('CIM_Card')).name).toBe('CIM_Card');
  });
});

describe('statuses', () => {
  test('of HTTP are typed, whichever comes', () => {
    for (let status = 200; status < 600; status += 1) {
      const error = httpStatusError(status, false);
      expect(['REFUSED', 'PROTOCOL_FAULT', 'BUSY']).toContain(error.code);
      expect(error.details).toEqual({ httpStatus: status });
      expect(error.message).toContain(`HTTP ${status}`);
    }
  });

  test('of HTTP say of every change whether it may have been made; such a one is not retryable', () => {
    for (let status = 201; status < 600; status += 1) {
      const { retryable, details, hint } = httpStatusError(status, true);
      const isRefusal = status >= 300 && status < 500 ? status !== 408 : status === 503;
      expect([status, details]).toEqual([status, { httpStatus: status, sent: !isRefusal }]);
      if (!isRefusal) expect([status, retryable, hint]).toEqual([status, false, expect.stringContaining('read the state')]);
    }
    expect([429, 503].map((status) => httpStatusError(status, true).retryable)).toEqual([true, true]);
  });

  test('of AMT have words', () => {
    expect(Object.keys(PT_STATUS)).toHaveLength(56);
    expect([0, 1, 0x10, 0x24, 0x26, 0x400, 0x80a, 0x821].map(returnValueName)).toEqual([
      'success', 'internal error', 'not permitted', 'invalid parameter', 'flash write limit exceeded', 'disabled by policy', 'duplicate', 'user consent required',
    ]);
    expect([2058, 32_768 + 2058, 32_768, 77, 32_845].map(returnValueName)).toEqual(['duplicate', 'duplicate', 'success', 'unknown status 77', 'unknown status 32845']);
  });

  test('of AMT with a meaning of their own all have words', () => {
    expect(Object.keys(STATUS_MEANINGS).filter((status) => PT_STATUS[Number(status)] === undefined)).toEqual([]);
  });
});
