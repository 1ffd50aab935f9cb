import { inspect } from 'node:util';
import { Secret } from '@ferric/core';
import { createFakeTask, sampleNode } from '@ferric/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AGENT_FORGOTTEN, AGENT_KEYS, readAgentRecord } from './agent-record.js';

const complete = {
  agent_url: 'https://192.0.2.10:9999', agent_secret_token: new Secret('t'.repeat(43)), agent_verify_ca: 'PEM', agent_version: '11.99.0',
  agent_last_heartbeat: '2026-01-02T03:04:05.678Z', agent_conductor_url: 'http://192.0.2.1:6385',
};

test('reads what lookup and heartbeats left', () => {
  const { token, embeddedToken, ...rest } = readAgentRecord(sampleNode({ driverInternalInfo: complete }));
  expect(rest).toEqual({
    url: 'https://192.0.2.10:9999', verifyCa: 'PEM', version: '11.99.0', lastHeartbeatAt: new Date('2026-01-02T03:04:05.678Z'),
    conductorUrl: 'http://192.0.2.1:6385',
  });
  expect(token?.reveal()).toBe('t'.repeat(43));
  expect(embeddedToken).toBeUndefined();
});

test('a token that was stored in the clear is a secret from here on', () => {
  const record = readAgentRecord({ driverInternalInfo: { agent_secret_token: 'clear text' } });
  expect(record.token?.reveal()).toBe('clear text');
  expect(inspect(record, { depth: null, showHidden: true })).not.toContain('clear text');
});

test('a time without zone is UTC, as Ironic writes it', () => {
  expect(readAgentRecord({ driverInternalInfo: { agent_last_heartbeat: '2026-01-02T03:04:05.678901' } }).lastHeartbeatAt).toEqual(new Date('2026-01-02T03:04:05.678Z'));
});

test.each([
  ['agent_url', 'url', 'nonsense'], ['agent_url', 'url', 'ftp://192.0.2.10'], ['agent_url', 'url', ''], ['agent_last_heartbeat', 'lastHeartbeatAt', 'yesterday'],
  ['agent_conductor_url', 'conductorUrl', 7], ['agent_secret_token', 'token', ''], ['agent_secret_token', 'token', null],
] as const)('%s that makes no sense counts as missing: %s = %j', (key, property, value) => {
  expect(readAgentRecord({ driverInternalInfo: { ...complete, [key]: value } })[property]).toBeUndefined();
});

test('never throws, whatever stands in the record', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...AGENT_KEYS), fc.jsonValue()), (info) => {
      const record = readAgentRecord({ driverInternalInfo: info as never });
      return Object.keys(record).length === 7;
    }),
  );
});

test('forgetting leaves nothing of the agent and everything else', () => {
  const everything = Object.fromEntries(AGENT_KEYS.map((key) => [key, 'x']));
  const task = createFakeTask({ device: {} as never, node: { driverInternalInfo: { ...everything, network_boot: { purpose: 'deploy' } } } });
  task.apply(AGENT_FORGOTTEN);
  expect(task.node.driverInternalInfo).toEqual({ network_boot: { purpose: 'deploy' } });
});
