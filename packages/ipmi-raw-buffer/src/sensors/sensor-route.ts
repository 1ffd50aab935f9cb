import { FerricError } from '@ferric/core';
import type { BridgeHop } from '../message/request.js';
import type { ControllerTarget } from '../sdr/ask.js';
import type { Sensor } from '../sdr/list-sensors.js';

/** The address of the BMC among controllers. Source: IPMI 1.5, section 5.5. */
export const BMC_ADDRESS = 0x20;

/** How requests come to the owner of a sensor. */
export interface SensorRoute extends ControllerTarget {
  readonly bridged: boolean;
  /** Names the owner, for keeping account of controllers that do not answer. */
  readonly owner: string;
}

/** How to reach the controller that owns a sensor; null for the sensors of programs. Source: IPMI 1.5, section 29 and table 37-1, bytes 6 and 7. */
export function routeTo(sensor: Sensor, ownAddress: number, path: readonly BridgeHop[]): SensorRoute | null {
  if ((sensor.ownerId & 1) === 1) return null;
  if (sensor.ownerId === ownAddress) return { bridged: false, owner: 'own', lun: sensor.lun, ...(path.length === 0 ? {} : { bridge: path }) };
  const hop = { channel: sensor.channel, address: sensor.ownerId };
  return { bridged: true, owner: `${hop.channel}:${hop.address}`, lun: sensor.lun, bridge: [...path, hop] };
}

/** Failures after which nothing else can be read either. */
const FINAL: ReadonlySet<string> = new Set(['AUTH_FAILED', 'ABORTED', 'INVALID_OPTIONS', 'INTERNAL']);
const TOLERATED_FAILURES = 1;

/** Keeps account of controllers that do not answer, so that each costs one wait or two and not one for each of its sensors. */
export interface FailureLedger {
  isSilent(route: SensorRoute): boolean;
  answered(route: SensorRoute): void;
  /** Notes a failure to get any answer. @throws the failure when nothing else can be read either */
  failed(route: SensorRoute, error: unknown): FerricError;
}

export function createFailureLedger(signal: AbortSignal): FailureLedger {
  const failures = new Map<string, number>();
  return {
    isSilent: (route) => (failures.get(route.owner) ?? 0) > TOLERATED_FAILURES,
    answered: (route) => void failures.delete(route.owner),
    failed(route, error) {
      if (signal.aborted || !FerricError.is(error) || FINAL.has(error.code)) throw error;
      const count = (failures.get(route.owner) ?? 0) + 1;
      failures.set(route.owner, count);
      const gone = error.code === 'UNREACHABLE' || count > TOLERATED_FAILURES;
      if (!route.bridged && gone) throw error;
      return error;
    },
  };
}
