import { PROVISION_STATES, Secret } from '@ferric/core';
import { sampleNode } from '@ferric/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecording, RECORDED_NODE, RECORDED_TOKEN } from '../../test/support/recordings.js';
import { DEFAULT_AGENT_LOOKUP_SETTINGS, lookupAllowed, lookupAnswer, readLookup, type LookupAnswer } from './lookup.js';

const refusal = (message: string): Error => expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(message) as string }) as Error;

describe('the query of a lookup', () => {
  test('of the real agent', () => {
    const { request } = readRecording('lookup') as { request: { path: string } };
    const query = Object.fromEntries(new URL(request.path, 'http://localhost').searchParams);
    expect(readLookup(query)).toEqual({ addresses: ['52:54:00:12:34:56'], nodeUuid: RECORDED_NODE });
  });

  test.each<[Record<string, unknown>, unknown]>([
    [{ addresses: '52-54-00-CF-2D-31, 5254.00cf.2d32,525400cf2d31' }, { addresses: ['52:54:00:cf:2d:31', '52:54:00:cf:2d:32'] }],
    [{ addresses: ['52:54:00:cf:2d:31', '52:54:00:cf:2d:32'] }, { addresses: ['52:54:00:cf:2d:31', '52:54:00:cf:2d:32'] }],
    [{ addresses: '80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:aa:bb:cc,52:54:00:cf:2d:31' }, { addresses: ['52:54:00:cf:2d:31'] }],
    [{ node_uuid: RECORDED_NODE.toUpperCase() }, { addresses: [], nodeUuid: RECORDED_NODE }],
    [{ node_uuid: RECORDED_NODE, addresses: 'nonsense', other: '1' }, { addresses: [], nodeUuid: RECORDED_NODE }],
  ])('%j', (query, read) => {
    expect(readLookup(query)).toEqual(read);
  });

  test.each([{}, { addresses: '' }, { addresses: 'nonsense,80:00:02:08' }, { addresses: 7 }, { node_uuid: '' }])('%j names nothing', (query) => {
    expect(() => readLookup(query)).toThrow(refusal("At least one of 'addresses' and 'node_uuid' parameters is required"));
  });

  test.each(['node-1', 7, [RECORDED_NODE]])('node_uuid %j is no UUID', (value) => {
    expect(() => readLookup({ node_uuid: value, addresses: '52:54:00:cf:2d:31' })).toThrow(refusal('Expected UUID for node_uuid'));
  });

  test('any text of addresses is read or refused in our words', () => {
    fc.assert(
      fc.property(fc.string(), (addresses) => {
        try {
          return readLookup({ addresses }).addresses.every((address) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(address));
        } catch (error) {
          return (error as { code: string }).code === 'INVALID_OPTIONS';
        }
      }),
    );
  });
});

test('lookups are allowed while the conductor expects an agent, and in no other state', () => {
  expect(PROVISION_STATES.filter(lookupAllowed).toSorted()).toEqual([
    'clean wait', 'cleaning', 'deploying', 'inspect wait', 'inspecting', 'rescue wait', 'rescuing', 'service wait', 'wait call-back',
  ]);
});

describe('the answer to a lookup', () => {
  const node = sampleNode({
    uuid: RECORDED_NODE,
    properties: { root_device: { serial: 'FERRIC0001' } },
    instanceInfo: { configdrive: new Secret('DRIVE-CONTENT'), image_source: 'http://images/x', image_server_password: new Secret('hunter2') },
    driverInternalInfo: { agent_secret_token: new Secret(RECORDED_TOKEN), agent_version: '11.99.0' },
  });
  const answer = (fields: Partial<LookupAnswer> = {}): Record<string, Record<string, unknown>> =>
    lookupAnswer({ node, token: new Secret(RECORDED_TOKEN), version: 62, settings: DEFAULT_AGENT_LOOKUP_SETTINGS, links: [], ...fields }) as never;

  test('has all that stood in the answer that the real agent took', () => {
    const { response } = readRecording('lookup') as { response: { node: object; config: object } };
    const empty = sampleNode({ uuid: RECORDED_NODE });
    const settings = { ...DEFAULT_AGENT_LOOKUP_SETTINGS, heartbeatTimeoutSeconds: 20, permittedImageFormats: ['raw', 'qcow2', 'iso'] };
    expect(answer({ node: empty, settings })).toEqual({
      node: response.node, config: { ...response.config, agent_skip_bmc_detect: false, enable_bios_bootloader_install: false },
    });
  });

  test('tells the token once, and asterisks afterwards', () => {
    expect(answer()['config']?.['agent_token']).toBe(RECORDED_TOKEN);
    expect(answer({ token: 'already given' })['config']?.['agent_token']).toBe('******');
  });

  test('tells no token to who asks with a version that knows none', () => {
    expect(answer({ version: 61 })['config']).not.toHaveProperty('agent_token');
    expect(JSON.stringify(answer({ version: 61 }))).not.toContain(RECORDED_TOKEN);
  });

  test('hides every other secret of the node, the token in its record too', () => {
    const shown = answer({ token: 'already given' });
    expect(JSON.stringify(shown)).not.toMatch(new RegExp(`DRIVE-CONTENT|hunter2|${RECORDED_TOKEN}`));
    expect(shown['node']).toEqual({
      uuid: RECORDED_NODE, properties: { root_device: { serial: 'FERRIC0001' } },
      instance_info: { configdrive: '******', image_source: 'http://images/x', image_server_password: '******' },
      driver_internal_info: { agent_secret_token: '******', agent_version: '11.99.0' }, links: [],
    });
  });

  test('leaves out what can break the agent unless it is configured', () => {
    expect(Object.keys(answer()['config'] ?? {}).filter((key) => key.startsWith('tls_'))).toEqual([]);
    const settings = { ...DEFAULT_AGENT_LOOKUP_SETTINGS, tlsMinimumVersion: '1.2', tlsCipherSuites: 'ECDHE-RSA-AES256-GCM-SHA384' };
    expect(answer({ settings })['config']).toMatchObject({ tls_min_version: '1.2', tls_cipher_suites: 'ECDHE-RSA-AES256-GCM-SHA384' });
  });
});
