import { type CallOptions, type OptionIssue, printValue } from '@ferric/core';
import { isIPv4 } from 'node:net';
import { carryOut } from '../message/carry-out.js';
import type { IpmiRequest, RequestCarrier } from '../message/request.js';
import { copyBytes, requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';
import { integerIssue, nameOf, refuseIssues } from './inputs.js';
import { decodePrivilegeLimit, type PrivilegeLimit } from './privilege.js';

/** LAN configuration parameters by number. Source: IPMI 2.0, table 23-4. */
export const LAN_PARAMETERS = {
  setInProgress: 0,
  authenticationTypeSupport: 1,
  authenticationTypeEnables: 2,
  ipAddress: 3,
  ipAddressSource: 4,
  macAddress: 5,
  subnetMask: 6,
  ipv4Header: 7,
  arpControl: 10,
  defaultGatewayAddress: 12,
  defaultGatewayMac: 13,
  backupGatewayAddress: 14,
  backupGatewayMac: 15,
  communityString: 16,
  vlanId: 20,
  vlanPriority: 21,
  cipherSuiteCount: 22,
  cipherSuites: 23,
  cipherSuitePrivileges: 24,
  badPasswordThreshold: 26,
} as const;

/** Where the address of the controller comes from. */
export const IP_ADDRESS_SOURCES = { unspecified: 0, static: 1, dhcp: 2, bios: 3, other: 4 } as const;
export type IpAddressSource = keyof typeof IP_ADDRESS_SOURCES;

/** A suite that the channel offers, and what a session with it may do; null when not told. */
export interface OfferedCipherSuite {
  readonly id: number;
  readonly privilegeLimit: PrivilegeLimit | null;
}

/** `192.0.2.10` for four bytes. Throws PROTOCOL_FAULT for fewer. */
export function decodeIpAddress(data: Uint8Array): string {
  requireBytes('Get LAN Configuration Parameters (address)', data, 4);
  return data.subarray(0, 4).join('.');
}

/** Four bytes for `192.0.2.10`. Throws INVALID_OPTIONS naming `field`. */
export function encodeIpAddress(field: string, address: string): Uint8Array {
  refuseIssues('LAN configuration', ipAddressIssue(field, address));
  return Uint8Array.from(address.split('.'), Number);
}

/** The issue with an address that is no IPv4 address. */
export function ipAddressIssue(field: string, address: unknown): readonly OptionIssue[] {
  if (typeof address === 'string' && isIPv4(address)) return [];
  return [{ field, problem: 'invalid', expected: 'an IPv4 address', received: printValue(address) }];
}

/** The source of the address; `other` for numbers that are not assigned. Throws PROTOCOL_FAULT for no byte. */
export function decodeIpAddressSource(data: Uint8Array): IpAddressSource {
  const code = requireBytes('Get LAN Configuration Parameters (address source)', data, 1).readUInt8(0) & 0x0f;
  return nameOf(IP_ADDRESS_SOURCES, code) ?? 'other';
}

/** `52:54:00:12:34:56` for six bytes. Throws PROTOCOL_FAULT for fewer. */
export function decodeMacAddress(data: Uint8Array): string {
  const bytes = requireBytes('Get LAN Configuration Parameters (MAC address)', data, 6);
  return (bytes.toString('hex', 0, 6).match(/../g) ?? []).join(':');
}

/** The VLAN in which the controller is, 0..4095; null when it is in none. Throws PROTOCOL_FAULT for fewer than two bytes. */
export function decodeVlanId(data: Uint8Array): number | null {
  const value = requireBytes('Get LAN Configuration Parameters (VLAN)', data, 2).readUInt16LE(0);
  return (value & 0x8000) === 0 ? null : value & 0x0fff;
}

/** Two bytes for a VLAN, 1..4094, or none. Throws INVALID_OPTIONS. */
export function encodeVlanId(vlanId: number | null): Uint8Array {
  if (vlanId === null) return Uint8Array.of(0, 0);
  refuseIssues('LAN configuration', vlanIssue(vlanId));
  return Uint8Array.of(vlanId & 0xff, 0x80 | (vlanId >> 8));
}

/** The issue with a VLAN id outside 1..4094. */
export function vlanIssue(vlanId: unknown): readonly OptionIssue[] {
  return integerIssue('vlanId', vlanId, 1, 4094);
}

/** One privilege level for each suite, four bits each, the first suite in the low half. */
const PRIVILEGE_BYTES_START = 1;

/**
 * The suites of parameters 22, 23 and 24 together.
 * @param suites parameter 23: a reserved byte, then the ids
 * @param privileges parameter 24: a reserved byte, then half a byte for each; null when the controller has none
 */
export function decodeCipherSuites(count: number, suites: Uint8Array, privileges: Uint8Array | null): readonly OfferedCipherSuite[] {
  return [...suites.subarray(1, 1 + count)].map((id, index) => {
    const pair = privileges?.[PRIVILEGE_BYTES_START + (index >> 1)];
    return { id, privilegeLimit: pair === undefined ? null : decodePrivilegeLimit(index % 2 === 0 ? pair : pair >> 4) };
  });
}

/** One LAN configuration parameter as the controller keeps it. */
export interface LanParameter {
  /** Revision of the parameter's format, 11h. */
  readonly revision: number;
  /** What the number means: see the specification. */
  readonly data: Uint8Array;
}

/**
 * Reads the answer to Get LAN Configuration Parameters.
 * @throws PROTOCOL_FAULT for an empty answer
 */
export function decodeLanParameter(data: Uint8Array): LanParameter {
  return { revision: requireBytes('Get LAN Configuration Parameters', data, 1).readUInt8(0), data: copyBytes(data, 1) };
}

function parameterIssues(channel: number, parameter: number): readonly OptionIssue[] {
  return [...integerIssue('channel', channel, 0, 15), ...integerIssue('parameter', parameter, 0, 255)];
}

/** Which part of a parameter is asked for. */
export interface LanParameterPart extends CallOptions {
  /** 0..255, default 0: which alert destination, for example. */
  readonly set?: number;
  /** 0..255, default 0. */
  readonly block?: number;
}

/**
 * Reads one LAN configuration parameter. Idempotent.
 * @param channel 1..15; some controllers refuse 14, the one that the request comes by
 * @throws UNSUPPORTED for a parameter that the controller does not have
 */
export async function getLanParameter(bmc: RequestCarrier, channel: number, parameter: number, options: LanParameterPart = {}): Promise<LanParameter> {
  const { set = 0, block = 0, ...call } = options;
  refuseIssues('LAN configuration', [...parameterIssues(channel, parameter), ...integerIssue('set', set, 0, 255), ...integerIssue('block', block, 0, 255)]);
  const request = { netFn: 0x0c, command: 0x02, data: Uint8Array.of(channel, parameter, set, block) };
  return carryOutAndDecode(bmc, `Get LAN Configuration Parameters (parameter ${parameter})`, request, decodeLanParameter, call);
}

/** The request that writes one LAN configuration parameter. Throws INVALID_OPTIONS. */
export function lanParameterRequest(channel: number, parameter: number, data: Uint8Array): IpmiRequest {
  refuseIssues('LAN configuration', parameterIssues(channel, parameter));
  return { netFn: 0x0c, command: 0x01, data: Uint8Array.of(channel, parameter, ...data) };
}

/** Writes one LAN configuration parameter. Idempotent. It may cut the session by which it came: on TIMEOUT look under the new address. */
export async function setLanParameter(bmc: RequestCarrier, channel: number, parameter: number, data: Uint8Array, options?: CallOptions): Promise<void> {
  await carryOut(bmc, `Set LAN Configuration Parameters (parameter ${parameter})`, lanParameterRequest(channel, parameter, data), options);
}
