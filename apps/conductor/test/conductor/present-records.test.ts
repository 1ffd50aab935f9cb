import { describe, expect, test } from 'vitest';
import { setBootDevice } from '../../src/nodes/management.js';
import { setPowerState } from '../../src/nodes/power-requests.js';
import type { NodeUpdate } from '../../src/store/store.js';
import { createPowerSync } from '../../src/sync/power-sync.js';
import { createOwnContext, type OwnContext } from '../support/conductor-context.js';

const SETTINGS = { workers: 4, readTimeoutMs: 5000, maxFailures: 1, force: true };
const REQUESTER = { requestId: 'req-1', user: null, version: 82 };

/** Changes a node once somebody is busy with it. */
async function meanwhile(own: OwnContext, uuid: string, changes: NodeUpdate): Promise<void> {
  await own.context.store.write((transaction) => transaction.nodes.update(uuid, changes));
}

/** Ends when the node's device was opened: its record is read right before. */
function whenOpened(own: OwnContext): Promise<void> {
  const driver = own.context.registry.driver('fake');
  if (driver === undefined) throw new Error('The fake driver is not installed');
  const { promise, resolve } = Promise.withResolvers<void>();
  const open = driver.open.bind(driver);
  Object.assign(driver, { open: (...parameters: Parameters<typeof open>) => (resolve(), open(...parameters)) });
  return promise;
}

describe('what was found out is written into the present record', () => {
  test('power sync leaves alone a node that was put into maintenance while it was read', async () => {
    await using own = await createOwnContext();
    const { uuid } = await own.add({ fake_read_delay_ms: 100, fake_failures: [{ action: 'read power', message: 'No route' }] });
    const opened = whenOpened(own);
    const pass = createPowerSync(own.context, SETTINGS).run(new AbortController().signal);
    await opened;
    await meanwhile(own, uuid, { maintenance: true, maintenanceReason: 'smoke' });
    await pass;
    expect(await own.context.store.nodes.get(uuid)).toMatchObject({ maintenance: true, maintenanceReason: 'smoke', fault: null, lastError: null });
  });

  test('power sync does not force the power of a node that was put into maintenance while it was read', async () => {
    await using own = await createOwnContext();
    const { uuid } = await own.add({ fake_read_delay_ms: 100 }, { powerState: 'power on' });
    const opened = whenOpened(own);
    const pass = createPowerSync(own.context, SETTINGS).run(new AbortController().signal);
    await opened;
    await meanwhile(own, uuid, { maintenance: true });
    await pass;
    expect(own.started).toEqual([]);
  });

  test('power sync keeps what others remembered while it read', async () => {
    await using own = await createOwnContext();
    const { uuid } = await own.add({ fake_read_delay_ms: 100, fake_failures: [{ action: 'read power', times: 5 }] });
    const opened = whenOpened(own);
    const pass = createPowerSync(own.context, SETTINGS).run(new AbortController().signal);
    await opened;
    await meanwhile(own, uuid, { driverInternalInfo: { clean_steps: [], device_memory: { fake: { boot_device: 'cdrom' }, another: { a: 1 } } } });
    await pass;
    const internal = (await own.context.store.nodes.get(uuid))?.driverInternalInfo ?? {};
    expect(internal['clean_steps']).toEqual([]);
    const memory = internal['device_memory'] as Record<string, object>;
    expect(memory).toEqual({ another: { a: 1 }, fake: expect.objectContaining({ boot_device: 'cdrom' }) as object });
    // What the reading itself remembered: how often it failed.
    expect(Object.keys(memory['fake'] ?? {})).toHaveLength(2);
  });

  test('setting the boot device keeps what others remembered meanwhile', async () => {
    await using own = await createOwnContext();
    const node = await own.add({ fake_management_delay_ms: 100 });
    const opened = whenOpened(own);
    const set = setBootDevice(own.context, node, { device: 'pxe', persistent: true }, REQUESTER);
    await opened;
    await meanwhile(own, node.uuid, { driverInternalInfo: { noted: 1 } });
    await set;
    expect((await own.context.store.nodes.get(node.uuid))?.driverInternalInfo).toEqual({ noted: 1, device_memory: { fake: expect.anything() as object } });
  });
});

test('a lock counts as held from the moment in which others can see it', async () => {
  const seen: boolean[] = [];
  await using own = await createOwnContext((store) =>
    Object.create(store, {
      write: {
        value: async (work: Parameters<typeof store.write>[0]) => {
          const result = await store.write(work);
          seen.push(own.context.locks.held.size === 1);
          return result;
        },
      },
      nodes: { value: store.nodes },
      ports: { value: store.ports },
    }) as typeof store,
  );
  const { uuid } = await own.add();
  {
    await using _lock = await own.context.locks.acquire(uuid);
    expect(seen).toEqual([true]);
  }
  expect(own.context.locks.held.size).toBe(0);
  await expect(own.context.locks.acquire('a5b7ad8a-0000-4000-8000-000000000001')).rejects.toThrow('could not be found');
  expect(own.context.locks.held.size).toBe(0);
});

test('a slow controller does not hold up the nodes that come after it', async () => {
  await using own = await createOwnContext();
  await own.add({ fake_read_delay_ms: 2000 });
  for (let index = 0; index < 120; index += 1) await own.add();
  const last = await own.add({}, { powerState: null });
  let finished = false;
  const pass = createPowerSync(own.context, SETTINGS).run(new AbortController().signal).then(() => (finished = true));
  await expect.poll(async () => (await own.context.store.nodes.get(last.uuid))?.powerState, { timeout: 5000 }).toBe('power off');
  expect(finished).toBe(false);
  await pass;
});

test('the power of a machine that is being cleaned is refused, also when that began after the node was looked up', async () => {
  await using own = await createOwnContext();
  const node = await own.add();
  await meanwhile(own, node.uuid, { provisionState: 'clean wait' });
  await expect(setPowerState(own.context, node, { target: 'power off' }, REQUESTER)).rejects.toThrow('can not be performed');
  expect(own.started).toEqual([]);
});
