import { randomUUID } from 'node:crypto';
import type { Port } from '@ferric/core';
import { expect, test } from 'vitest';
import { createOwnContext, type OwnContext } from '../../test/support/conductor-context.js';
import { EMPTY_PORT } from '../resources/port-service.js';
import { keepFindings } from './node-changes.js';
import { openTask } from './node-task.js';

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
