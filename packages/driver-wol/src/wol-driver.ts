import { CONTRACT, createClosing, type DeviceContext, type Driver } from '@ferric/core';
import type { WakeNetwork } from './client/network.js';
import { checkRoutes } from './client/route.js';
import { systemNetwork } from './client/system-network.js';
import { WOL_DRIVER_NAME, WOL_FIELDS, wolDriverInfo, type WolDriverInfo } from './wol-options.js';
import { createWolPower } from './wol-power.js';
import { readNodeRequest } from './wol-request.js';

/** What all devices of a driver get unless {@link Driver.open} is given another. Everything has a default. */
export interface WolDriverSettings extends Pick<DeviceContext, 'logger' | 'clock' | 'transcript'> {
  /** Default: the network of this machine. */
  readonly network?: WakeNetwork;
}

/**
 * Makes the driver `staging-wol`. It uses no gate: there is no controller that could be overwhelmed, and one broadcast
 * address stands for every machine of a network.
 */
export function createWolDriver(settings: WolDriverSettings = {}): Driver<WolDriverInfo> {
  const { network = systemNetwork, ...shared } = settings;
  const driverClosing = createClosing('The driver was closed');
  return {
    contract: CONTRACT,
    name: WOL_DRIVER_NAME,
    driverInfo: wolDriverInfo,
    validate(info, context) {
      checkRoutes(readNodeRequest(info, context), network.interfaces(), WOL_FIELDS);
    },
    open(info, context) {
      const deviceClosing = createClosing('The device was closed');
      return {
        power: createWolPower({
          info,
          context: { ...shared, ...context },
          network,
          guard: (options, work) => driverClosing.guard(options, (call) => deviceClosing.guard(call, work)),
        }),
        [Symbol.asyncDispose]: () => deviceClosing[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => driverClosing[Symbol.asyncDispose](),
  };
}
