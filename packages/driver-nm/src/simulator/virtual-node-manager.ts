import { systemClock, type Clock } from '@ferric/core';
import type { ControllerReply, ControllerRequest, VirtualController } from '@ferric/ipmi-raw-buffer/simulator';
import { createMeasurements } from './measurements.js';
import { createPolicyTable, type VirtualPolicy } from './policy-table.js';
import { CC, VIRTUAL_COMMANDS, type VirtualFacts, type VirtualState } from './virtual-commands.js';

export interface VirtualNodeManagerOptions {
  /** Address on its bus, in the 8-bit form. Default 2Ch. */
  readonly slaveAddress?: number;
  /** Channel of its bus, 0..15. Default 0. */
  readonly channel?: number;
  readonly clock?: Clock;
  /** Bytes of Get Version: Node Manager, IPMI interface, patch, firmware. Default 5, 3, 7, 1, 2: 3.0, 3.0, 7, 1.2. */
  readonly version?: readonly [number, number, number, number, number];
  /** False: its clock was never set. Default true. */
  readonly clockIsSet?: boolean;
}

export interface VirtualNodeManager extends VirtualController {
  readonly slaveAddress: number;
  readonly policies: readonly VirtualPolicy[];
  readonly globalEnabled: boolean;
  domainEnabled(domain: number): boolean;
  /** The machine draws so much power, or whatever the mode measures. Numbers are those of the wire; `policy` is 0 for the modes of domains. */
  measure(mode: number, domain: number, policy: number, value: number): void;
  /** Commands that change something, whether they were carried out or not. */
  readonly changeCommands: number;
  /** Forgets everything, as a machine does whose firmware was replaced. */
  restart(): void;
}

const NET_FN = 0x2e;
const INTEL = [0x57, 0x01, 0x00] as const;

/** Makes the controller; give it to a simulated BMC as one of its `controllers`, and its BMC a {@link discoveryRecord}. */
export function createVirtualNodeManager(options: VirtualNodeManagerOptions = {}): VirtualNodeManager {
  const { slaveAddress = 0x2c, channel = 0, clock = systemClock, version = [5, 3, 7, 1, 2], clockIsSet = true } = options;
  const facts: VirtualFacts = { version, clockIsSet, now: () => clock.now() };
  const begin = (): VirtualState => ({
    policies: createPolicyTable(),
    measurements: createMeasurements(() => Math.floor(clock.now().getTime() / 1000)),
    disabledDomains: new Set(),
    globalEnabled: true,
  });
  let state = begin();
  let changeCommands = 0;

  const handle = ({ netFn, command, data }: ControllerRequest): ControllerReply => {
    const known = netFn === NET_FN ? VIRTUAL_COMMANDS[command] : undefined;
    if (known === undefined || INTEL.some((byte, index) => data[index] !== byte)) return reply(CC.invalidCommand, []);
    const body = [...data.subarray(INTEL.length)];
    if (known.changes) changeCommands += 1;
    const outcome = body.length < known.length ? { refused: CC.tooShort } : known.run(state, body, facts);
    return 'refused' in outcome ? reply(outcome.refused, INTEL) : reply(CC.ok, [...INTEL, ...outcome]);
  };

  return {
    slaveAddress,
    channel,
    handle,
    get policies() {
      return state.policies.all;
    },
    get globalEnabled() {
      return state.globalEnabled;
    },
    domainEnabled: (domain) => !state.disabledDomains.has(domain),
    measure: (mode, domain, policy, value) => state.measurements.measure(mode, domain, policy, value),
    get changeCommands() {
      return changeCommands;
    },
    restart() {
      state = begin();
    },
  };
}

function reply(completionCode: number, data: readonly number[]): ControllerReply {
  return { completionCode, data: Uint8Array.from(data) };
}

/**
 * The record by which a BMC tells where its Node Manager is; an id of 0 is replaced by a free one.
 * Source: FreeIPMI 1.6.10, libfreeipmi/sdr/oem; the four bytes at the end are the numbers of its sensors.
 */
export function discoveryRecord({ slaveAddress, channel }: { readonly slaveAddress: number; readonly channel: number }): Uint8Array {
  return Uint8Array.of(0x00, 0x00, 0x51, 0xc0, 0x0b, ...INTEL, 0x0d, 0x01, slaveAddress, channel << 4, 0x18, 0x19, 0x1a, 0x1b);
}
