import { randomUUID } from 'node:crypto';
import { revealSealed, Secret, type DeviceContext, type Port } from '@ferric/core';
import { expect, test } from 'vitest';
import { createOwnContext, type OwnContext } from '../../test/support/conductor-context.js';
import { EMPTY_PORT } from '../resources/port-service.js';
import { applyNodeChanges, keepFindings, type RecordChanges } from './node-changes.js';
import { openTask } from './node-task.js';
import type { StoredNode } from './stored-node.js';

function addPort({ context }: OwnContext, nodeUuid: string, address: string, internalInfo: Port['internalInfo'] = {}): Promise<Port> {
  return context.store.write((transaction) => transaction.ports.insert({ ...EMPTY_PORT, uuid: randomUUID(), nodeUuid, address, internalInfo, createdAt: context.clock.now() }));
}

test('what becomes of the internal_info of ports is merged; ports that are gone, or of another node, are left alone', async () => {
  await using own = await createOwnContext();
  const { store, clock } = own.context;
  const [node, other] = [await own.add(), await own.add()];
  const mine = await addPort(own, node.uuid, '52:54:00:00:00:01', { old: 1, kept: 2 });
  const theirs = await addPort(own, other.uuid, '52:54:00:00:00:02', { old: 1 });
  const portInfo = { [mine.uuid]: { old: null, new: 3 }, [theirs.uuid]: { old: null }, [randomUUID()]: { new: 3 } };
  await store.write((transaction) => keepFindings(transaction, node, { portInfo, portgroupInfo: { [randomUUID()]: { new: 3 } } }, 'test', clock.now()));
  expect((await store.ports.get(mine.uuid))?.internalInfo).toEqual({ kept: 2, new: 3 });
  expect((await store.ports.get(theirs.uuid))?.internalInfo).toEqual({ old: 1 });
});

test('a task shows its ports with what it kept', async () => {
  await using own = await createOwnContext();
  const node = await own.add();
  const port = await addPort(own, node.uuid, '52:54:00:00:00:01', { kept: 2 });
  await using opened = await openTask(own.context, node, new AbortController().signal, { report: () => undefined, keep: async () => node });
  await opened.task.keep({ portInfo: { [port.uuid]: { vif: 'a' } } });
  expect(opened.task.ports.map(({ internalInfo }) => internalInfo)).toEqual([{ kept: 2, vif: 'a' }]);
  opened.refresh(node, { portInfo: { [port.uuid]: { vif: null } } });
  expect(opened.task.ports.map(({ internalInfo }) => internalInfo)).toEqual([{ kept: 2 }]);
});

test('a device writes to driver_info by way of the owner of the task; without an owner it is lent nothing', async () => {
  await using own = await createOwnContext();
  const node = await own.add({ kept: 'k', old: 'x', password: 'first' });
  const lent: DeviceContext[] = [];
  const [driver] = own.context.registry.drivers;
  expect.assert(driver !== undefined);
  const context = {
    ...own.context,
    devices: {
      ...own.context.devices,
      registry: { ...own.context.registry, driver: () => ({ ...driver, open: (info: unknown, given: DeviceContext = {}) => (lent.push(given), driver.open(info, given)) }) },
    },
  };
  await using onlooker = await openTask(context, node, new AbortController().signal);
  expect(onlooker.task.node.uuid).toBe(node.uuid);
  expect(lent.map(({ keepDriverInfo }) => keepDriverInfo)).toEqual([undefined]);

  const kept: RecordChanges[] = [];
  const keep = async (changes: RecordChanges) => {
    kept.push(changes);
    return { ...node, ...applyNodeChanges(node, changes) } as StoredNode;
  };
  await using owned = await openTask(context, node, new AbortController().signal, { report: () => undefined, keep });
  await lent[1]?.keepDriverInfo?.({ password: new Secret('second'), old: null });
  expect(kept).toHaveLength(1);
  expect(revealSealed(owned.task.node.driverInfo)).toEqual({ kept: 'k', password: 'second' });
});
