import { abortable, type CallOptions, type Device, type FerricError, invalidOptions, type PowerReading, withDeadline } from '@ferric/core';
import { sameCredentials } from './client/credentials.js';
import type { RelayState } from './client/dxp-messages.js';
import { withSteps } from './client/steps.js';
import { type IbootMachine, READ_TIMEOUT_MS, readRelays, toReading, unitName } from './iboot-machine.js';
import { unitCredentials, unitEndpoint } from './iboot-options.js';
import type { Guard } from './iboot-power.js';

/** A device of this driver. */
export interface OpenedDevice {
  readonly machine: IbootMachine;
  readonly guard: Guard;
}

/** Machines of one unit, read as one user. */
interface UnitGroup {
  readonly machines: IbootMachine[];
  /** Begins when first asked for, which is once all machines are known. */
  relays: Promise<readonly RelayState[]> | undefined;
}

/**
 * Reads the power of many machines. Each settles by itself, in the given order; those of one unit share one reading.
 * @param openedOf what is behind a device of this driver; undefined for any other
 * @param driverGuard ends the readings when the driver is closed: a device that is closed must not end those of others
 */
export async function readMany(
  devices: readonly Device[],
  openedOf: (device: Device) => OpenedDevice | undefined,
  driverGuard: Guard,
  options: CallOptions | undefined,
): Promise<readonly PromiseSettledResult<PowerReading>[]> {
  const groups: UnitGroup[] = [];
  const places = devices.map((device) => {
    const opened = openedOf(device);
    return opened === undefined ? undefined : { ...opened, group: joinGroup(groups, opened.machine) };
  });
  return Promise.allSettled(
    places.map(async (place) => {
      if (place === undefined) throw notOurs();
      const { machine, guard, group } = place;
      return guard(options, (call) =>
        withDeadline(call, { what: `'read power' at ${unitName(machine.info)}`, defaultTimeoutMs: READ_TIMEOUT_MS, details: machine.details, clock: machine.clock }, async ({ signal }) => {
          group.relays ??= readGroup(machine, group.machines, driverGuard, options);
          return toReading(machine, await abortable(signal, group.relays));
        }),
      );
    }),
  );
}

function joinGroup(groups: UnitGroup[], machine: IbootMachine): UnitGroup {
  const known = groups.find(({ machines: [first] }) => first !== undefined && isReadTogether(first, machine));
  const group = known ?? { machines: [], relays: undefined };
  if (known === undefined) groups.push(group);
  group.machines.push(machine);
  return group;
}

function isReadTogether(one: IbootMachine, other: IbootMachine): boolean {
  return unitName(one.info) === unitName(other.info) && sameCredentials(unitCredentials(one.info), unitCredentials(other.info));
}

/** @param machine the one that asks: its device is open, those of others may have been closed meanwhile */
async function readGroup(machine: IbootMachine, machines: readonly IbootMachine[], guard: Guard, options: CallOptions | undefined): Promise<readonly RelayState[]> {
  const { clock, info } = machine;
  const atLeast = Math.max(...machines.map((each) => each.info.iboot_relay_id));
  return guard(options, (call) =>
    withSteps(call, { what: `'read power' at ${unitName(info)}`, defaultTimeoutMs: READ_TIMEOUT_MS, details: { ...unitEndpoint(info) }, clock }, (deadline, note) =>
      readRelays(machine, { deadline, note }, atLeast),
    ),
  );
}

function notOurs(): FerricError {
  return invalidOptions('readMany', [{ field: 'devices', problem: 'invalid', expected: 'devices that were opened by this driver' }]);
}
