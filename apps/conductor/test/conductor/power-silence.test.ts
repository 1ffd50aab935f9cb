import { FerricError, type AnyDriver, type Device, type FerricErrorCode, type JsonValue } from '@ferric/core';
import { expect, test } from 'vitest';
import type { PowerKnowledge, StoredNode } from '../../src/nodes/stored-node.js';
import { powerWork } from '../../src/workflows/power-work.js';
import { createOwnContext } from '../support/conductor-context.js';

const KEY = 'the-work';

/** The record after `power on` failed with this. */
async function afterFailure(code: FerricErrorCode, details: Record<string, JsonValue>, powerKnowledge: PowerKnowledge | null): Promise<StoredNode | undefined> {
  await using own = await createOwnContext();
  const { registry } = own.context;
  const failing = (driver: AnyDriver): AnyDriver => ({
    ...driver,
    open(...parameters) {
      const device: Device = driver.open(...parameters);
      const set = async (): Promise<never> => {
        throw new FerricError(code, 'It failed', { details });
      };
      return { ...device, power: { targets: device.power.targets, read: (options) => device.power.read(options), set }, [Symbol.asyncDispose]: () => device[Symbol.asyncDispose]() };
    },
  });
  const driver: typeof registry.driver = (name) => {
    const found = registry.driver(name);
    return found === undefined ? undefined : failing(found);
  };
  const context = { ...own.context, devices: { ...own.context.devices, registry: { ...registry, driver } } };
  const input = { target: 'power on', timeoutMs: 1000 };
  const { uuid } = await own.add({}, {
    work: { kind: 'power', key: KEY, input, requestedAt: new Date(), requestedBy: 'test' }, reservation: 'test', targetPowerState: 'power on', powerKnowledge,
  });
  const run = { nodeUuid: uuid, key: KEY, input, signal: new AbortController().signal, step: async (_name: string, work: () => Promise<never>) => work() };
  await powerWork(context)(run);
  return await context.store.nodes.get(uuid);
}

const known = (failures: number): PowerKnowledge => ({ source: 'device', detail: failures === 0 ? null : 'away', at: new Date(0), failures });

test.each<[FerricErrorCode, Record<string, JsonValue>]>([['UNREACHABLE', {}], ['TIMEOUT', { sent: true }], ['TIMEOUT', { received: 'nothing' }]])(
  'after %s %j nobody knows the state',
  async (code, details) => {
    expect(await afterFailure(code, details, known(0))).toMatchObject({ powerState: null, powerKnowledge: null, targetPowerState: null });
  },
);

test.each<[FerricErrorCode, Record<string, JsonValue>]>([['UNREACHABLE', { sent: false }], ['TIMEOUT', { received: 'power off' }], ['REFUSED', {}]])(
  'after %s %j it is known as before',
  async (code, details) => {
    expect(await afterFailure(code, details, known(0))).toMatchObject({ powerState: 'power off', powerKnowledge: known(0), targetPowerState: null });
  },
);

test('readings that failed before still count: a controller that is asked for often is given up as another is', async () => {
  const after = await afterFailure('UNREACHABLE', {}, known(2));
  expect(after).toMatchObject({ powerState: null, powerKnowledge: { source: 'device', detail: null, failures: 2 } });
  expect(after?.powerKnowledge?.at.getTime()).toBeGreaterThan(0);
});
