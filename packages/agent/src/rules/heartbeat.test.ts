import { FerricError, PROVISION_STATES, Secret, type ProvisionState } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecording, RECORDED_TOKEN } from '../../test/support/recordings.js';
import { checkHeartbeat, heartbeatAction, type Heartbeat } from './heartbeat.js';

const recorded = (readRecording('heartbeat') as { request: { body: Record<string, string> } }).request.body;
const token = new Secret(RECORDED_TOKEN);
const at = new Date('2026-01-02T03:04:05.678Z');

function heartbeat(fields: Partial<Heartbeat> = {}): Heartbeat {
  return {
    body: recorded, version: 68, node: { provisionState: 'wait call-back' }, record: { url: undefined, token }, settings: { requireTls: true }, at, ...fields,
  };
}

function refused(fields: Partial<Heartbeat>): { readonly code: string; readonly message: string } {
  try {
    checkHeartbeat(heartbeat(fields));
  } catch (error) {
    if (FerricError.is(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('It was accepted');
}

describe('a heartbeat', () => {
  test('of the real agent is accepted, and tells how to reach it', () => {
    expect(checkHeartbeat(heartbeat())).toEqual({
      action: 'act',
      facts: {
        agent_url: 'https://192.0.2.10:9999', agent_version: '11.99.0', agent_verify_ca: recorded['agent_verify_ca'],
        agent_last_heartbeat: '2026-01-02T03:04:05.678Z',
      },
    });
  });

  test('again from the same address is accepted, and so is a body that was sealed on its way', () => {
    const body = { ...recorded, agent_token: new Secret(RECORDED_TOKEN), another_field: 1, agent_status: null };
    expect(checkHeartbeat(heartbeat({ body, record: { url: 'https://192.0.2.10:9999', token } })).action).toBe('act');
  });

  test('never puts the token into the facts', () => {
    expect(JSON.stringify(checkHeartbeat(heartbeat()))).not.toContain(RECORDED_TOKEN);
  });

  const body = (fields: Record<string, unknown>): Partial<Heartbeat> => ({ body: { ...recorded, ...fields } });
  test.each<[string, Partial<Heartbeat>, string]>([
    ['another address than before', { record: { url: 'https://192.0.2.11:9999', token } }, 'Detected change in ramdisk provided "callback_url"'],
    ['no token', body({ agent_token: null }), 'Agent token is required for heartbeat processing.'],
    ['a wrong token', body({ agent_token: 'x'.repeat(43) }), 'Invalid or missing agent token received.'],
    ['a token when none was given out', { record: { url: undefined, token: undefined } }, 'Invalid or missing agent token received.'],
    ['no version', body({ agent_version: undefined }), 'Agent did not transmit a version, and a version is required. Please update the agent being used.'],
    ['no address', body({ callback_url: undefined }), 'Missing mandatory parameter: callback_url'],
    ['an empty address, but no status', body({ callback_url: '' }), 'An issue with the supplied "callback_url" has been detected.'],
    ['an address of another kind', body({ callback_url: 'file:///etc/passwd' }), 'An issue with the supplied "callback_url" has been detected.'],
    ['an address without a host', body({ callback_url: 'https:nonsense' }), 'An issue with the supplied "callback_url" has been detected.'],
    ['an address with a password', body({ callback_url: 'https://a:b@192.0.2.10' }), 'An issue with the supplied "callback_url" has been detected.'],
    ['an address without TLS', body({ callback_url: 'http://192.0.2.10:9999' }), 'TLS is required by configuration'],
    ['an address that is no text', body({ callback_url: 7 }), 'Expected string for callback_url: 7'],
    ['a token that is no text', body({ agent_token: 7_654_321 }), 'Expected string for agent_token'],
    ['no certificate in its field', body({ agent_verify_ca: 'nonsense' }), 'Field "agent_verify_ca" holds no certificate'],
    ['a long version', body({ agent_version: '1'.repeat(300) }), 'Field "agent_version" is longer than 255 characters'],
    ['an unknown status', { ...body({ agent_status: 'middle' }), version: 72 }, 'Agent status is invalid. Valid states are start,end,error.'],
    ['a body that is none', { body: 'nonsense' }, 'A heartbeat must be a JSON object.'],
    ['a list as its body', { body: [] }, 'A heartbeat must be a JSON object.'],
  ])("is refused in Ironic's words with %s", (_what, fields, message) => {
    expect(refused(fields)).toEqual({ code: 'INVALID_OPTIONS', message });
  });

  test.each<[string, unknown, number, string]>([
    ['agent_version', '11.99.0', 36, 'Field "agent_version" not recognised'],
    ['agent_token', RECORDED_TOKEN, 62, 'Field "agent_token" not recognised'],
    ['agent_verify_ca', recorded['agent_verify_ca'], 68, 'Field "agent_verify_ca" not recognised in this version'],
    ['agent_status', 'start', 72, 'Fields "agent_status" and "agent_status_message" not recognised.'],
    ['agent_status_message', 'x', 72, 'Fields "agent_status" and "agent_status_message" not recognised.'],
  ])('%s is not known before its version', (name, value, since, message) => {
    const fields = { body: { callback_url: recorded['callback_url'], [name]: value } };
    expect(refused({ ...fields, version: since - 1 })).toEqual({ code: 'INVALID_OPTIONS', message });
    // In its own version the field is taken, and what fails is something else.
    expect(refused({ ...fields, version: since, record: { url: undefined, token: undefined } }).message).not.toBe(message);
  });

  test('without TLS is accepted where that is allowed', () => {
    const plain = { ...recorded, callback_url: 'http://192.0.2.10:9999' };
    expect(checkHeartbeat(heartbeat({ body: plain, settings: { requireTls: false } })).facts.agent_url).toBe('http://192.0.2.10:9999');
  });

  test('of an installer that is not called back has a status and no address', () => {
    const installer = { callback_url: '', agent_token: RECORDED_TOKEN, agent_status: 'end', agent_status_message: 'done' };
    expect(checkHeartbeat(heartbeat({ body: installer, version: 72 }))).toEqual({
      action: 'act', status: 'end', facts: { agent_status: 'end', agent_status_message: 'done', agent_last_heartbeat: '2026-01-02T03:04:05.678Z' },
    });
  });

  test('leaves no fact when it is ignored', () => {
    expect(checkHeartbeat(heartbeat({ node: { provisionState: 'active' } }))).toEqual({ action: 'ignore', facts: {} });
  });

  test('is accepted or refused in our words, whatever comes', () => {
    const names = fc.constantFrom('callback_url', 'agent_version', 'agent_token', 'agent_verify_ca', 'agent_status', 'agent_status_message');
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.oneof(fc.string(), fc.webUrl(), fc.jsonValue()))), fc.integer({ min: 1, max: 100 }), (came, version) =>
        refused({ body: came, version }).code === 'INVALID_OPTIONS'),
    );
  });
});

test('the state decides what a heartbeat leads to', () => {
  const states = (action: string): readonly ProvisionState[] => PROVISION_STATES.filter((state) => heartbeatAction(state) === action).toSorted();
  expect(states('act')).toEqual(['clean wait', 'rescue wait', 'service wait', 'wait call-back']);
  expect(states('record')).toEqual(['clean hold', 'cleaning', 'deploy hold', 'deploying', 'inspect wait', 'inspecting', 'rescuing', 'service hold', 'servicing']);
  expect(states('ignore')).toHaveLength(PROVISION_STATES.length - 13);
});
