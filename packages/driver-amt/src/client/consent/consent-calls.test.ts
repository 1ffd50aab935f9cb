import { inspect } from 'node:util';
import { FerricError, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { fixtureElement } from '../../../test/classes/fixtures.js';
import { output, type ScriptedAnswer, type ScriptedWsman, scriptedWsman, xml } from '../../../test/scripted-wsman.js';
import { type ConsentCalls, createConsentCalls } from './consent-calls.js';

const callsOf = (answers: Readonly<Record<string, ScriptedAnswer>>): ConsentCalls => createConsentCalls(scriptedWsman(answers).wsman);

const service = (required: number, state: number): Readonly<Record<string, ScriptedAnswer>> => ({
  'get IPS_OptInService': xml(`<IPS_OptInService><OptInRequired>${required}</OptInRequired><OptInState>${state}</OptInState></IPS_OptInService>`),
});

describe('reading', () => {
  test('the recorded device asks nobody', async () => {
    expect(await callsOf({ 'get IPS_OptInService': fixtureElement('recorded/ips/optin/get.xml') }).read()).toEqual({
      supported: true, required: 'none', state: 'not started', granted: false, blocksBootAndRedirection: false, blocksKvm: false, changeable: true,
      codeTimeoutMs: 120_000, displayTimeoutMs: 300_000,
    });
  });

  test.each([
    [1, 0, 'kvm', 'not started', false, false, true],
    [4294967295, 0, 'all', 'not started', false, true, true],
    [4294967295, 1, 'all', 'requested', false, true, true],
    [4294967295, 2, 'all', 'displayed', false, true, true],
    [4294967295, 3, 'all', 'received', true, false, false],
    [4294967295, 4, 'all', 'in session', true, false, false],
    [7, 9, 7, 9, false, true, true],
  ])('requirement %d in state %d', async (required, state, requiredName, stateName, granted, blocksBootAndRedirection, blocksKvm) => {
    expect(await callsOf(service(required, state)).read()).toEqual({
      supported: true, required: requiredName, state: stateName, granted, blocksBootAndRedirection, blocksKvm, changeable: false,
    });
  });

  test('firmware before consent needs none', async () => {
    expect(await callsOf({}).read()).toEqual({
      supported: false, required: 'none', state: 'not started', granted: false, blocksBootAndRedirection: false, blocksKvm: false, changeable: false,
    });
  });

  test('a refusal is no sign of old firmware', async () => {
    await expect(callsOf({ 'get IPS_OptInService': new FerricError('REFUSED', 'no') }).read()).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

describe('the code', () => {
  const accepting = (): ScriptedWsman => scriptedWsman({ 'invoke IPS_OptInService.SendOptInCode': output('SendOptInCode', 0) });

  test.each([['as a text', '012345'], ['as a secret', new Secret('012345')]])('is sent as a secret when it comes %s, zeros in front included', async (_how, code) => {
    const device = accepting();
    await createConsentCalls(device.wsman).sendCode(code);
    const value = device.calls[0]?.input?.fields[0]?.value;
    expect(device.calls[0]?.input?.fields.map(({ name }) => name)).toEqual(['OptInCode']);
    expect(Secret.is(value) ? value.reveal() : value).toBe('012345');
    expect(inspect(device.calls, { depth: 10 })).not.toContain('012345');
  });

  test.each(['12345', '1234567', 'abcdef', '', '12 456', '\u0661\u0662\u0663\u0664\u0665\u0666'])('%j is refused unseen, and nothing is sent', async (code) => {
    const device = accepting();
    const error: unknown = await createConsentCalls(device.wsman)
      .sendCode(code)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
    if (code !== '') expect(inspect(error)).not.toContain(code);
    expect(device.calls).toEqual([]);
  });
});

describe('what the device answers', () => {
  test('the recorded ones say that the state is wrong', async () => {
    const calls = callsOf({
      'invoke IPS_OptInService.StartOptIn': fixtureElement('recorded/ips/optin/startoptin.xml'),
      'invoke IPS_OptInService.SendOptInCode': fixtureElement('recorded/ips/optin/sendoptincode.xml'),
      'invoke IPS_OptInService.CancelOptIn': fixtureElement('recorded/ips/optin/canceloptin.xml'),
    });
    const wrongState = { code: 'CONFLICT', message: expect.stringMatching(/answered 2: invalid state$/) as unknown };
    await expect(calls.start()).rejects.toMatchObject(wrongState);
    await expect(calls.sendCode('123456')).rejects.toMatchObject(wrongState);
    await expect(calls.cancel()).rejects.toMatchObject(wrongState);
  });

  test.each([[1, 'REFUSED'], [2, 'CONFLICT'], [3, 'BUSY'], [4, 'REFUSED'], [16, 'REFUSED']])('%d is %s', async (returnValue, code) => {
    await expect(callsOf({ 'invoke IPS_OptInService.StartOptIn': output('StartOptIn', returnValue) }).start()).rejects.toMatchObject({
      code,
      details: { class: 'IPS_OptInService', method: 'StartOptIn', returnValue },
    });
  });

  test('success is silent', async () => {
    const device = scriptedWsman({ 'invoke IPS_OptInService.StartOptIn': output('StartOptIn', 0), 'invoke IPS_OptInService.CancelOptIn': output('CancelOptIn', 0) });
    const calls = createConsentCalls(device.wsman);
    await calls.start();
    await calls.cancel();
    expect(device.calls.map(({ call }) => call)).toEqual(['invoke IPS_OptInService.StartOptIn', 'invoke IPS_OptInService.CancelOptIn']);
  });
});
