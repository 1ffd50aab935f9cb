import { expect, test } from 'vitest';
import type { Device } from '../device/device.js';
import { Secret } from '../secrets/secret.js';
import { createFakeTask, sampleNode } from './fake-task.js';

const device = {} as Device;

test('a task keeps what it is told to, and its node shows it', async () => {
  const task = createFakeTask({ device, node: { driverInternalInfo: { agent_url: 'http://192.0.2.10:9999', other: 1 } } });
  await task.keep({ driverInternalInfo: { agent_url: null, agent_version: '11' }, properties: { cpus: 4 } });
  expect(task.node.driverInternalInfo).toEqual({ other: 1, agent_version: '11' });
  expect(task.node.properties).toEqual({ cpus: 4 });
  expect(task.kept).toHaveLength(1);
});

test('changes from elsewhere reach the node and are not counted as kept', () => {
  const task = createFakeTask({ device });
  task.apply({ instanceInfo: { image_source: 'http://192.0.2.1/a.img' } });
  task.apply(undefined);
  expect([task.node.instanceInfo, task.kept]).toEqual([{ image_source: 'http://192.0.2.1/a.img' }, []]);
});

test('what becomes of the internal_info of ports and port groups is shown; what others do not name stays', async () => {
  const port = { address: '52:54:00:00:00:01', pxeEnabled: true, localLinkConnection: {}, physicalNetwork: null, portgroupUuid: null, extra: {} };
  const task = createFakeTask({
    device,
    ports: [{ ...port, uuid: 'a', internalInfo: { old: 1, kept: 2 } }, { ...port, uuid: 'b', internalInfo: { old: 1 } }],
    portgroups: [{ uuid: 'c', address: null, mode: '802.3ad', properties: {}, standalonePortsSupported: true, extra: {}, internalInfo: {} }],
  });
  await task.keep({ portInfo: { a: { old: null, new: 3 } }, portgroupInfo: { c: { x: 'y' } } });
  expect([...task.ports, ...task.portgroups].map(({ internalInfo }) => internalInfo)).toEqual([{ kept: 2, new: 3 }, { old: 1 }, { x: 'y' }]);
});

test('services answer for any node, and a config drive is a secret', async () => {
  const { services, node, signal } = createFakeTask({ device });
  expect(services.conductorUrl(node)).toBe('http://192.0.2.1:6385');
  expect(await services.downloadUrl(node, 'file:///images/a.img')).toBe('http://192.0.2.1:6385/images/images/a.img');
  expect(Secret.is(await services.buildConfigDrive({ metaData: {} }, { signal }))).toBe(true);
});

test('progress is remembered in order', () => {
  const task = createFakeTask({ device, node: sampleNode({ name: 'n1' }) });
  task.progress('first');
  task.progress('second', { at: 1 });
  expect([task.told, task.node.name]).toEqual([['first', 'second'], 'n1']);
});
