import { FERRIC_ERROR_CODES, type JsonObject, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { extendedInfo } from '../../test/support/tables.js';
import { asksForReset, isSuccess, MESSAGE_MEANINGS } from './message-meanings.js';
import { failedByMessages, refused } from './refusal.js';
import { readMessages } from './messages.js';
import { whileBusy } from './while-busy.js';

const declined = (status: number, body: object = {}, secrets: readonly Secret[] = [], method: 'PATCH' | 'GET' = 'PATCH') =>
  refused({ address: 'a:443', method, path: '/x', status, body: body as JsonObject, secrets });

describe('a refusal', () => {
  test.each([
    [400, 'REFUSED', false], [401, 'AUTH_FAILED', false], [403, 'REFUSED', false], [404, 'NOT_FOUND', false], [405, 'UNSUPPORTED', false], [409, 'CONFLICT', false],
    [410, 'NOT_FOUND', false], [412, 'CONFLICT', false], [418, 'REFUSED', false], [428, 'CONFLICT', false], [429, 'BUSY', true], [500, 'REFUSED', true],
    [501, 'UNSUPPORTED', false], [502, 'BUSY', true], [503, 'BUSY', true], [504, 'BUSY', true], [599, 'REFUSED', false],
  ] as const)('of a read with status %s and nothing else', (status, code, retryable) => {
    const error = declined(status, {}, [], 'GET');
    expect(error).toMatchObject({ code, retryable, details: { address: 'a:443', step: 'GET /x', status } });
    expect(error.details).not.toHaveProperty('sent');
  });

  test.each([[400, 'REFUSED', false], [409, 'CONFLICT', false], [412, 'CONFLICT', false], [429, 'BUSY', true], [503, 'BUSY', true]] as const)('of a change with status %s', (status, code, retryable) => {
    const error = declined(status);
    expect(error).toMatchObject({ code, retryable, details: { step: 'PATCH /x', status } });
    expect(error.details).not.toHaveProperty('sent');
  });

  test.each([
    [500, {}, 'REFUSED'], [502, {}, 'UNREACHABLE'], [504, {}, 'TIMEOUT'], [400, extendedInfo('Base.1.4.OperationTimeout'), 'TIMEOUT'], [500, extendedInfo('Base.1.4.InternalError'), 'REFUSED'],
  ] as const)('of a change with status %s %j leaves open whether it was made, and nothing repeats it', async (status, body, code) => {
    const error = declined(status, body);
    expect(error).toMatchObject({ code, retryable: false, details: { status, sent: true }, hint: expect.stringContaining('read the state') as string });
    expect(error.message).toMatch(/^The controller at a:443 did not confirm PATCH \/x: /);
    let tries = 0;
    const call = whileBusy({ timeoutMs: 60_000 }, { what: 'x', intervalMs: 1 }, async () => {
      tries += 1;
      throw error;
    });
    expect([await failure(call), tries]).toEqual([error, 1]);
  });

  test('of a change with a message that surely declines is BUSY, whatever the status', () => {
    for (const status of [500, 502, 504]) expect(declined(status, extendedInfo('Base.1.4.ResetInProgress'))).toMatchObject({ code: 'BUSY', retryable: true });
  });

  test.each([
    ['Base.0.10.ResetInProgress', [], 'BUSY', true, 'it is resetting'],
    ['iLO.2.15.UnableToModifyDuringSystemPOST', [], 'BUSY', true, 'the server is in its power-on self-test'],
    ['iLO.0.10.InvalidOperationForSystemState', [], 'CONFLICT', true, 'the server is not in a state for this'],
    ['Base.1.4.PropertyUnknown', ['Inserted'], 'REFUSED', false, 'the property Inserted is not known here'],
    ['Base.1.4.PropertyNotWritable', ['Boot'], 'REFUSED', false, 'the property Boot cannot be changed'],
    ['iLO.2.15.PropertyNotWritableOrUnknown', ['Boot'], 'REFUSED', false, 'the property Boot cannot be changed or is not known here'],
    ['Base.1.4.PropertyValueNotInList', ['Disk', 'BootSourceOverrideTarget'], 'REFUSED', false, "'Disk' is not among the values of the property BootSourceOverrideTarget"],
    ['Base.1.4.ResourceMissingAtURI', ['/y'], 'NOT_FOUND', false, 'there is nothing at /y'],
    ['Base.1.4.NoValidSession', [], 'AUTH_FAILED', false, 'the credentials are not accepted'],
    ['Base.1.4.InsufficientPrivilege', [], 'REFUSED', false, 'the account lacks the privilege for this'],
    ['iLO.2.15.LicenseKeyRequired', [], 'REFUSED', false, 'its licence does not cover this'],
    ['iLO.2.15.InvalidLicenseKey', [], 'REFUSED', false, 'the licence key is not valid'],
    ['Base.1.4.ActionNotSupported', ['Reset'], 'UNSUPPORTED', false, 'it does not know the action Reset'],
    ['Base.1.4.SomethingNew', ['a', 'b'], 'REFUSED', false, 'it does not accept the request: Base.1.4.SomethingNew (a, b)'],
  ] as const)('%s %j', (id, args, code, retryable, says) => {
    expect(declined(400, extendedInfo(id, args))).toMatchObject({ code, retryable, message: `The controller at a:443 declined PATCH /x: ${says}`, details: { messageId: id } });
  });

  test('speaks in the words of the controller where it has some, with its advice', () => {
    const error = declined(400, extendedInfo('Base.1.4.SomethingNew', [], { Message: 'The box is closed.', Resolution: 'Open it.' }));
    expect([error.message, error.hint]).toEqual(['The controller at a:443 declined PATCH /x: The box is closed', 'Open it.']);
  });

  test('takes the message that says most of several', () => {
    const body = { error: { '@Message.ExtendedInfo': [{ MessageId: 'Base.1.4.Success' }, { MessageId: 'Base.1.4.GeneralError' }, { MessageId: 'Base.1.4.PropertyMissing', MessageArgs: ['Image'] }] } };
    expect(declined(400, body)).toMatchObject({ details: { messageId: 'Base.1.4.PropertyMissing', messages: ['Base.1.4.Success', 'Base.1.4.GeneralError', 'Base.1.4.PropertyMissing'] } });
  });

  test('401 stays AUTH_FAILED, whatever the message says', () => {
    expect(declined(401, extendedInfo('Base.1.4.InsufficientPrivilege'))).toMatchObject({ code: 'AUTH_FAILED' });
  });

  test('keys that are names of every object are no messages known', () => {
    for (const key of ['constructor', 'toString', '__proto__']) expect(declined(400, extendedInfo(`Base.1.0.${key}`))).toMatchObject({ code: 'REFUSED' });
  });

  test('shows no secret that was sent', () => {
    const error = declined(400, extendedInfo('Base.1.4.PropertyValueFormatError', ['pass"word', 'Password'], { Resolution: 'Not pass"word.' }), [new Secret('pass"word'), new Secret('abc')]);
    expect(JSON.stringify(error)).not.toContain('pass');
    expect(error).toMatchObject({ details: { messageArgs: ['******', 'Password'] } });
  });
});

test('messages without an answer of their own', () => {
  const messages = readMessages({ Messages: [{ MessageId: 'Base.1.4.ResourceInUse' }] });
  expect(failedByMessages('update of a failed', messages, { taskState: 'Exception' })).toMatchObject({ code: 'BUSY', message: 'update of a failed: somebody else changes the same resource', details: { taskState: 'Exception' } });
  const timedOut = readMessages({ Messages: [{ MessageId: 'Base.1.4.OperationTimeout' }] });
  expect(failedByMessages('update of a failed', timedOut, {})).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { sent: true } });
  expect(failedByMessages('update of a failed', [], {})).toMatchObject({ code: 'REFUSED', message: 'update of a failed: no reason was given' });
});

test('every meaning has a code that exists and words for no arguments at all', () => {
  const entries = Object.entries(MESSAGE_MEANINGS);
  expect(entries.length).toBeGreaterThan(60);
  for (const [key, { code, says }] of entries) {
    expect([key, code in FERRIC_ERROR_CODES, /undefined/.test(says([])), isSuccess(key)]).toEqual([key, true, false, false]);
  }
});

test('successes and what has to follow them', () => {
  expect(['Success', 'iLOResetSuccess', 'SystemResetRequired', 'ResetRequired'].every(isSuccess)).toBe(true);
  expect(['SystemResetRequired', 'ResetRequired', 'Success', 'ResetInProgress'].map(asksForReset)).toEqual([true, true, false, false]);
});
