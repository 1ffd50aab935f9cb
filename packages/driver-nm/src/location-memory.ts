import type { DeviceMemory, JsonObject, JsonValue } from '@ferric/core';
import type { NodeManagerLocation } from './client/index.js';

const KEY = 'node_manager';

/** Where the Node Manager of a machine was found, which takes reading all records of its BMC. */
export interface LocationMemory {
  get(): NodeManagerLocation | undefined;
  keep(location: NodeManagerLocation): void;
  forget(): void;
}

/**
 * Keeps the location in the memory of the machine, together with the BMC behind which it was found: a node may be given another one.
 * @param bmc address and bridge of the BMC
 */
export function createLocationMemory(memory: DeviceMemory, bmc: string): LocationMemory {
  return {
    get() {
      const kept = memory.get(KEY);
      return isObject(kept) && kept['bmc'] === bmc ? toLocation(kept) : undefined;
    },
    keep: ({ slaveAddress, channel, lun = 0 }) => memory.set(KEY, { bmc, slave_address: slaveAddress, channel, lun }),
    forget: () => memory.delete(KEY),
  };
}

/** What is kept may be of another version, or written by hand. */
function toLocation({ slave_address: slaveAddress, channel, lun }: JsonObject): NodeManagerLocation | undefined {
  if (!isWhole(slaveAddress, 0xff) || !isWhole(channel, 15) || !isWhole(lun, 3)) return undefined;
  return { slaveAddress, channel, lun };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: JsonValue | undefined, maximum: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maximum;
}
