import type { CallOptions, OptionIssue } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import type { RequestCarrier } from '../message/request.js';
import { copyBytes, requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';
import { integerIssue, refuseIssues } from './inputs.js';
import { decodePrivilegeLimit, type PrivilegeLimit } from './privilege.js';
import { parameterOrNull, severalRequests } from './several-requests.js';

/** Serial over LAN configuration parameters by number. Source: IPMI 2.0, table 26-5. */
export const SOL_PARAMETERS = {
  setInProgress: 0,
  enable: 1,
  authentication: 2,
  accumulation: 3,
  retry: 4,
  nonVolatileBitRate: 5,
  volatileBitRate: 6,
  channel: 7,
  port: 8,
} as const;

/** How the controller is set for serial over LAN; null for what it does not tell. */
export interface SolConfiguration {
  readonly enabled: boolean | null;
  readonly forceEncryption: boolean | null;
  readonly forceAuthentication: boolean | null;
  /** What a session must be allowed at least. */
  readonly privilegeLevel: PrivilegeLimit | null;
  /** The controller sends what it has after this time. Milliseconds. */
  readonly accumulateMs: number | null;
  /** The controller sends as soon as it has so many characters. */
  readonly sendThreshold: number | null;
  /** How often the controller repeats a packet that is not acknowledged, 0..7. */
  readonly retryCount: number | null;
  /** Milliseconds between repetitions. */
  readonly retryIntervalMs: number | null;
  /** Of the serial line now. Bits per second; null also for a setting that has no rate: as the serial port is set. */
  readonly bitRate: number | null;
  /** After a restart of the controller. */
  readonly nonVolatileBitRate: number | null;
  readonly channel: number | null;
  readonly port: number | null;
}

/** Source: IPMI 2.0, table 26-5, parameters 5 and 6. */
const BIT_RATES: Readonly<Record<number, number>> = { 6: 9600, 7: 19200, 8: 38400, 9: 57600, 10: 115200 };

/** Bits per second; null for a setting without a rate. Throws PROTOCOL_FAULT for no byte. */
export function decodeSolBitRate(data: Uint8Array): number | null {
  return BIT_RATES[solBytes(data, 1).readUInt8(0) & 0x0f] ?? null;
}

/** Parameter 2. Throws PROTOCOL_FAULT for no byte. */
export function decodeSolAuthentication(data: Uint8Array): Pick<SolConfiguration, 'forceEncryption' | 'forceAuthentication' | 'privilegeLevel'> {
  const bits = solBytes(data, 1).readUInt8(0);
  return { forceEncryption: (bits & 0x80) !== 0, forceAuthentication: (bits & 0x40) !== 0, privilegeLevel: decodePrivilegeLimit(bits) };
}

/** Parameter 3: in steps of 5 ms. Throws PROTOCOL_FAULT for fewer than two bytes. */
export function decodeSolAccumulation(data: Uint8Array): Pick<SolConfiguration, 'accumulateMs' | 'sendThreshold'> {
  const bytes = solBytes(data, 2);
  return { accumulateMs: bytes.readUInt8(0) * 5, sendThreshold: bytes.readUInt8(1) };
}

/** Parameter 4: in steps of 10 ms. Throws PROTOCOL_FAULT for fewer than two bytes. */
export function decodeSolRetry(data: Uint8Array): Pick<SolConfiguration, 'retryCount' | 'retryIntervalMs'> {
  const bytes = solBytes(data, 2);
  return { retryCount: bytes.readUInt8(0) & 0x07, retryIntervalMs: bytes.readUInt8(1) * 10 };
}

function solBytes(data: Uint8Array, minimum: number): Buffer {
  return requireBytes('Get SOL Configuration Parameters', data, minimum);
}

function parameterIssues(channel: number, parameter: number): readonly OptionIssue[] {
  return [...integerIssue('channel', channel, 0, 15), ...integerIssue('parameter', parameter, 0, 255)];
}

/** Reads one serial over LAN parameter, without the revision of its format. Idempotent. UNSUPPORTED for one that the controller does not have. */
export async function getSolParameter(bmc: RequestCarrier, channel: number, parameter: number, options?: CallOptions): Promise<Uint8Array> {
  refuseIssues('SOL configuration', parameterIssues(channel, parameter));
  const request = { netFn: 0x0c, command: 0x22, data: Uint8Array.of(channel, parameter, 0, 0) };
  return carryOutAndDecode(bmc, `Get SOL Configuration Parameters (parameter ${parameter})`, request, withoutRevision, options);
}

function withoutRevision(data: Uint8Array): Uint8Array {
  solBytes(data, 1);
  return copyBytes(data, 1);
}

/** Writes one serial over LAN parameter. Idempotent. */
export async function setSolParameter(bmc: RequestCarrier, channel: number, parameter: number, data: Uint8Array, options?: CallOptions): Promise<void> {
  refuseIssues('SOL configuration', parameterIssues(channel, parameter));
  const request = { netFn: 0x0c, command: 0x21, data: Uint8Array.of(channel, parameter, ...data) };
  await carryOut(bmc, `Set SOL Configuration Parameters (parameter ${parameter})`, request, options);
}

/** Switches serial over LAN on or off for a channel. Idempotent. */
export async function setSolEnabled(bmc: RequestCarrier, channel: number, enabled: boolean, options?: CallOptions): Promise<void> {
  await setSolParameter(bmc, channel, SOL_PARAMETERS.enable, Uint8Array.of(enabled ? 1 : 0), options);
}

/**
 * Reads how the controller is set for serial over LAN: one request for each parameter, 30 s together unless the caller says otherwise. Idempotent.
 * @throws UNSUPPORTED without the command, REFUSED without the privilege; a parameter that the controller does not have is null
 */
export async function readSolConfiguration(bmc: RequestCarrier, channel: number, options?: CallOptions): Promise<SolConfiguration> {
  return severalRequests(bmc, 'SOL configuration', options, async (share) => {
    const read = <T>(parameter: number, decode: (data: Uint8Array) => T): Promise<T | null> =>
      parameterOrNull(getSolParameter(bmc, channel, parameter, share()), decode);
    return {
      enabled: await read(SOL_PARAMETERS.enable, (data) => (solBytes(data, 1).readUInt8(0) & 0x01) !== 0),
      ...((await read(SOL_PARAMETERS.authentication, decodeSolAuthentication)) ?? { forceEncryption: null, forceAuthentication: null, privilegeLevel: null }),
      ...((await read(SOL_PARAMETERS.accumulation, decodeSolAccumulation)) ?? { accumulateMs: null, sendThreshold: null }),
      ...((await read(SOL_PARAMETERS.retry, decodeSolRetry)) ?? { retryCount: null, retryIntervalMs: null }),
      bitRate: await read(SOL_PARAMETERS.volatileBitRate, decodeSolBitRate),
      nonVolatileBitRate: await read(SOL_PARAMETERS.nonVolatileBitRate, decodeSolBitRate),
      channel: await read(SOL_PARAMETERS.channel, (data) => solBytes(data, 1).readUInt8(0) & 0x0f),
      port: await read(SOL_PARAMETERS.port, (data) => solBytes(data, 2).readUInt16LE(0)),
    };
  });
}
