import {
  CONTRACT, createClosing, createGateRegistry, type Device, type DeviceContext, type Driver, invalidOptions, MAXIMUM_TIMEOUT_MS, printValue, silentLogger,
  systemClock,
} from '@ferric/core';
import { createDxpClient, type DxpClient } from './client/dxp-client.js';
import { DXP_DEFAULTS } from './client/dxp-unit.js';
import type { OpenStream } from './client/open-stream.js';
import { type IbootMachine, unitName } from './iboot-machine.js';
import { IBOOT_DRIVER_NAME, type IbootDriverInfo, ibootDriverInfo, unitEndpoint } from './iboot-options.js';
import { createIbootPower, type Guard } from './iboot-power.js';
import { type OpenedDevice, readMany } from './read-many.js';
import { createUnitPool, type UnitLease } from './unit-pool.js';

/** What all devices of a driver get unless {@link Driver.open} is given another. Everything has a default. */
export interface IbootDriverSettings extends Pick<DeviceContext, 'logger' | 'clock' | 'gate' | 'transcript'> {
  /**
   * How long the connection to a unit is kept for the next command, of whichever machine. A unit serves one client at a time.
   * Milliseconds, default 500; 0 closes it after each command.
   */
  readonly idleMs?: number;
  /** How bytes travel. Default: TCP. */
  readonly openStream?: OpenStream;
}

/**
 * How long the number of relays of a unit is remembered after its last device was closed: longer than the pause between two readings of all
 * machines by a conductor, which opens its devices anew each time. Milliseconds.
 */
const MEMORY_MS = 300_000;

/**
 * Makes the driver `staging-iboot`. It has one connection at most to each unit, for all machines on it.
 * @throws INVALID_OPTIONS for an `idleMs` that is no time.
 */
export function createIbootDriver(settings: IbootDriverSettings = {}): Driver<IbootDriverInfo> {
  const { idleMs = DXP_DEFAULTS.idleMs, openStream, ...shared } = settings;
  checkIdle(idleMs);
  const gates = createGateRegistry(settings.clock);
  const pool = createUnitPool({ idleMs, memoryMs: MEMORY_MS, openStream });
  const driverClosing = createClosing('The driver was closed');
  const driverGuard: Guard = (options, work) => driverClosing.guard(options, work);
  const opened = new WeakMap<Device, OpenedDevice>();

  return {
    contract: CONTRACT,
    name: IBOOT_DRIVER_NAME,
    driverInfo: ibootDriverInfo,
    open(info, own) {
      const { clock = systemClock, logger = silentLogger, gate, transcript } = { gate: (address: string) => gates.gate(address), ...shared, ...own };
      const deviceClosing = createClosing('The device was closed');
      const guard: Guard = (options, work) => driverGuard(options, (call) => deviceClosing.guard(call, work));
      const where = unitName(info);
      let lease: UnitLease | undefined;
      let client: DxpClient | undefined;
      const connect = (): DxpClient => {
        lease ??= pool.lease(unitEndpoint(info), clock);
        return createDxpClient(
          { ...unitEndpoint(info), username: info.iboot_username, password: info.iboot_password, relayBase: info.iboot_relay_base, gate: gate(where), clock, transcript },
          { unit: lease.unit },
        );
      };
      const machine: IbootMachine = {
        info,
        clock,
        logger,
        details: { address: info.iboot_address, port: info.iboot_port, relay: info.iboot_relay_id },
        client: () => (client ??= connect()),
      };
      const device: Device = {
        power: createIbootPower(machine, guard),
        async [Symbol.asyncDispose]() {
          await deviceClosing[Symbol.asyncDispose]();
          lease?.[Symbol.dispose]();
        },
      };
      opened.set(device, { machine, guard });
      return device;
    },
    readMany: (devices, options) => readMany(devices, (device) => opened.get(device), driverGuard, options),
    async [Symbol.asyncDispose]() {
      await driverClosing[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}

function checkIdle(idleMs: number): void {
  if (idleMs >= 0 && idleMs <= MAXIMUM_TIMEOUT_MS) return;
  const expected = `a number of milliseconds from 0 to ${MAXIMUM_TIMEOUT_MS}`;
  throw invalidOptions('Driver of iBoot', [{ field: 'idleMs', problem: 'invalid', expected, received: printValue(idleMs) }]);
}
