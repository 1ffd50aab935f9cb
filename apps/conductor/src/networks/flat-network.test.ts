import type { Device, NetworkStrategy, PortView } from '@ferric/core';
import { createFakeTask } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { detachEveryVif } from './detach-every-vif.js';
import { createFlatNetwork } from './flat-network.js';

const flat = createFlatNetwork();
const ports: readonly PortView[] = ['a', 'b'].map((uuid) => ({
  uuid, address: `52:54:00:00:00:0${uuid}`, pxeEnabled: uuid === 'b', localLinkConnection: {}, physicalNetwork: null, portgroupUuid: null, extra: {}, internalInfo: { other: 1 },
}));
const group = { uuid: 'g', address: null, mode: '802.3ad', properties: {}, standalonePortsSupported: true, extra: {}, internalInfo: {} };
const stage = (network: NetworkStrategy = flat) => createFakeTask({ device: {} as Device, ports: [...ports, { ...ports[0] as PortView, uuid: 'm', portgroupUuid: 'g' }], portgroups: [group], network });

describe('the flat network', () => {
  test('keeps VIFs in internal_info, lists them, and forgets them', async () => {
    const task = stage();
    for (const id of ['one', 'two', 'three']) task.apply(await flat.attachVif(task, { id }));
    expect([...task.ports, ...task.portgroups].map(({ uuid, internalInfo }) => [uuid, internalInfo])).toEqual([
      ['a', { other: 1, tenant_vif_port_id: 'three' }], ['b', { other: 1, tenant_vif_port_id: 'two' }], ['m', { other: 1 }], ['g', { tenant_vif_port_id: 'one' }],
    ]);
    expect(await flat.listVifs(task)).toEqual([{ id: 'three' }, { id: 'two' }, { id: 'one' }]);
    task.apply(await flat.detachVif(task, 'one'));
    task.apply(await flat.detachVif(task, 'two'));
    expect([await flat.listVifs(task), task.portgroups[0]?.internalInfo, task.ports[1]?.internalInfo]).toEqual([[{ id: 'three' }], {}, { other: 1 }]);
    await expect(flat.detachVif(task, 'two')).rejects.toMatchObject({
      code: 'INVALID_OPTIONS', message: `Unable to detach VIF two from node ${task.node.uuid} because it is not attached to it.`,
    });
  });

  test('only tells which network a machine needs', async () => {
    const task = stage();
    await flat.validate(task);
    expect([await flat.connect(task, 'provisioning'), await flat.disconnect(task, 'provisioning'), task.kept]).toEqual([undefined, undefined, []]);
    expect(task.told).toEqual([
      'The machine needs the provisioning network from now on; its switch is configured elsewhere', 'The machine does not need the provisioning network any more',
    ]);
  });
});

describe('detachEveryVif', () => {
  test('leaves none', async () => {
    const task = stage();
    for (const id of ['one', 'two', 'three']) task.apply(await flat.attachVif(task, { id }));
    await detachEveryVif(task);
    expect(await flat.listVifs(task)).toEqual([]);
  });

  test('goes on when one cannot be detached, and tells it', async () => {
    const task = stage({ ...flat, detachVif: async (its, id) => (id === 'two' ? Promise.reject(new Error('the switch is gone')) : flat.detachVif(its, id)) });
    for (const id of ['one', 'two', 'three']) task.apply(await flat.attachVif(task, { id }));
    await detachEveryVif(task);
    expect([await flat.listVifs(task), task.told]).toEqual([[{ id: 'two' }], ['VIF two could not be detached: the switch is gone']]);
  });

  test('does nothing where there is no network', async () => {
    const task = createFakeTask({ device: {} as Device, ports });
    await detachEveryVif(task);
    expect([task.kept, task.told]).toEqual([[], []]);
  });
});
