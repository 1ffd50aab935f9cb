import { inspect } from 'node:util';
import { revealSealed, Secret } from '@ferric/core';
import { sampleNode } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { nodeForAgent, portForAgent } from './node-for-agent.js';

const node = sampleNode({
  name: 'rack1-7', driverInfo: { address: '192.0.2.9', password: new Secret('hunter2') }, properties: { root_device: { serial: 'S1' } },
  driverInternalInfo: { agent_secret_token: new Secret('the token') }, instanceInfo: { configdrive: new Secret('DRIVE'), image_source: 'http://x/y' },
});

test("has Ironic's names, and secrets are asterisks", () => {
  expect(nodeForAgent(node)).toMatchObject({
    uuid: node.uuid, name: 'rack1-7', properties: { root_device: { serial: 'S1' } }, driver_info: { address: '192.0.2.9', password: '******' },
    driver_internal_info: { agent_secret_token: '******' }, instance_info: { configdrive: '******', image_source: 'http://x/y' },
  });
  expect(JSON.stringify(revealSealed(nodeForAgent(node)))).not.toMatch(/hunter2|the token|DRIVE/);
});

test('keeps the config drive for steps that need it, as a secret', () => {
  const subject = nodeForAgent(node, { configDrive: true });
  expect(inspect(subject, { depth: null, showHidden: true })).not.toContain('DRIVE');
  expect(revealSealed(subject)).toMatchObject({ instance_info: { configdrive: 'DRIVE' }, driver_info: { password: '******' } });
  expect(nodeForAgent(sampleNode(), { configDrive: true })).toMatchObject({ instance_info: {} });
});

test('a port has the fields that Ironic sends', () => {
  const port = { uuid: 'p', address: '52:54:00:12:34:56', pxeEnabled: true, localLinkConnection: {}, physicalNetwork: null, portgroupUuid: null, extra: { a: 1 }, internalInfo: {} };
  expect(portForAgent(port)).toEqual({
    uuid: 'p', address: '52:54:00:12:34:56', pxe_enabled: true, local_link_connection: {}, physical_network: null, extra: { a: 1 },
  });
});
