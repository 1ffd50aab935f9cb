import type { CallOptions } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';

const STEP = 'Get Chassis Status';

/** What the machine does when mains power returns; `unknown` is what some controllers answer. Source: IPMI 2.0, section 28.2. */
export const POWER_RESTORE_POLICIES = ['always off', 'previous', 'always on', 'unknown'] as const;
export type PowerRestorePolicy = (typeof POWER_RESTORE_POLICIES)[number];

export const IDENTIFY_STATES = ['off', 'timed', 'indefinite', 'reserved'] as const;
export type IdentifyState = (typeof IDENTIFY_STATES)[number];

/** State of the machine's power and box. Source: IPMI 2.0, section 28.2. */
export interface ChassisStatus {
  readonly powerOn: boolean;
  readonly powerOverload: boolean;
  /** Power is off because a panel is open. */
  readonly interlock: boolean;
  readonly powerFault: boolean;
  /** The controller could not bring power into the state asked for. */
  readonly powerControlFault: boolean;
  readonly powerRestorePolicy: PowerRestorePolicy;
  /** Why power was last lost or gained. */
  readonly lastPowerEvent: {
    readonly acFailed: boolean;
    readonly overload: boolean;
    readonly interlock: boolean;
    readonly fault: boolean;
    readonly turnedOnByCommand: boolean;
  };
  readonly intrusion: boolean;
  readonly frontPanelLocked: boolean;
  readonly driveFault: boolean;
  readonly coolingFault: boolean;
  /** Null when the controller does not tell. */
  readonly identify: IdentifyState | null;
  /** Null when the controller does not tell. */
  readonly frontPanelButtons: FrontPanelButtons | null;
}

/** Which buttons do nothing, and which can be made so. */
export interface FrontPanelButtons {
  readonly disabled: ButtonSet;
  readonly canBeDisabled: ButtonSet;
}

export interface ButtonSet {
  readonly power: boolean;
  readonly reset: boolean;
  /** Diagnostic interrupt. */
  readonly nmi: boolean;
  readonly standby: boolean;
}

/**
 * Reads the answer to Get Chassis Status: 3 bytes, or 4 with the buttons.
 * @throws PROTOCOL_FAULT for a shorter answer
 */
export function decodeChassisStatus(data: Uint8Array): ChassisStatus {
  const bytes = requireBytes(STEP, data, 3);
  const power = bytes.readUInt8(0);
  const event = bytes.readUInt8(1);
  const box = bytes.readUInt8(2);
  return {
    powerOn: isSet(power, 0),
    powerOverload: isSet(power, 1),
    interlock: isSet(power, 2),
    powerFault: isSet(power, 3),
    powerControlFault: isSet(power, 4),
    powerRestorePolicy: POWER_RESTORE_POLICIES[(power >> 5) & 0x03] ?? 'unknown',
    lastPowerEvent: {
      acFailed: isSet(event, 0),
      overload: isSet(event, 1),
      interlock: isSet(event, 2),
      fault: isSet(event, 3),
      turnedOnByCommand: isSet(event, 4),
    },
    intrusion: isSet(box, 0),
    frontPanelLocked: isSet(box, 1),
    driveFault: isSet(box, 2),
    coolingFault: isSet(box, 3),
    identify: isSet(box, 6) ? (IDENTIFY_STATES[(box >> 4) & 0x03] ?? null) : null,
    frontPanelButtons: bytes.length > 3 ? { disabled: buttons(bytes.readUInt8(3)), canBeDisabled: buttons(bytes.readUInt8(3) >> 4) } : null,
  };
}

function buttons(bits: number): ButtonSet {
  return { power: isSet(bits, 0), reset: isSet(bits, 1), nmi: isSet(bits, 2), standby: isSet(bits, 3) };
}

function isSet(byte: number, bit: number): boolean {
  return (byte & (1 << bit)) !== 0;
}

/** State of the machine's power and box. Idempotent. */
export async function getChassisStatus(bmc: RequestCarrier, options?: CallOptions): Promise<ChassisStatus> {
  return carryOutAndDecode(bmc, STEP, { netFn: 0x00, command: 0x01 }, decodeChassisStatus, options);
}
