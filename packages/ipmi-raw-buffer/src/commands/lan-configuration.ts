import type { CallOptions, OptionIssue } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { requireBytes } from '../message/bytes.js';
import { choiceIssue, integerIssue, refuseIssues } from './inputs.js';
import {
  decodeCipherSuites, decodeIpAddress, decodeIpAddressSource, decodeMacAddress, decodeVlanId, encodeIpAddress, encodeVlanId, getLanParameter,
  IP_ADDRESS_SOURCES, type IpAddressSource, ipAddressIssue, LAN_PARAMETERS, lanParameterRequest, type OfferedCipherSuite, setLanParameter, vlanIssue,
} from './lan-parameters.js';
import { parameterOrNull, severalRequests, whileInProgress } from './several-requests.js';

/** How the controller stands in its network; null for what it does not tell. */
export interface LanConfiguration {
  readonly ipAddress: string | null;
  readonly ipAddressSource: IpAddressSource | null;
  readonly subnetMask: string | null;
  readonly defaultGateway: string | null;
  readonly macAddress: string | null;
  /** 0..4095; null also when it is in no VLAN. */
  readonly vlanId: number | null;
  /** Null when the controller does not tell, or speaks IPMI 1.5 only. */
  readonly cipherSuites: readonly OfferedCipherSuite[] | null;
}

/**
 * Reads how the controller stands in its network: one request for each parameter, 30 s together unless the caller says otherwise. Idempotent.
 * @param channel 1..15, as Get Channel Authentication Capabilities tells; some controllers refuse 14, the one that the request comes by
 * @throws UNSUPPORTED without the command, REFUSED without the privilege; a parameter that the controller does not have is null
 */
export async function readLanConfiguration(bmc: RequestCarrier, channel: number, options?: CallOptions): Promise<LanConfiguration> {
  return severalRequests(bmc, 'LAN configuration', options, async (share) => {
    const read: ReadParameter = (parameter, decode) => parameterOrNull(lanParameterData(bmc, channel, parameter, share()), decode);
    return {
      ipAddress: await read(LAN_PARAMETERS.ipAddress, decodeIpAddress),
      ipAddressSource: await read(LAN_PARAMETERS.ipAddressSource, decodeIpAddressSource),
      subnetMask: await read(LAN_PARAMETERS.subnetMask, decodeIpAddress),
      defaultGateway: await read(LAN_PARAMETERS.defaultGatewayAddress, decodeIpAddress),
      macAddress: await read(LAN_PARAMETERS.macAddress, decodeMacAddress),
      vlanId: await read(LAN_PARAMETERS.vlanId, decodeVlanId),
      cipherSuites: await readCipherSuites(read),
    };
  });
}

type ReadParameter = <T>(parameter: number, decode: (data: Uint8Array) => T) => Promise<T | null>;

async function lanParameterData(bmc: RequestCarrier, channel: number, parameter: number, options: CallOptions): Promise<Uint8Array> {
  return (await getLanParameter(bmc, channel, parameter, options)).data;
}

async function readCipherSuites(read: ReadParameter): Promise<readonly OfferedCipherSuite[] | null> {
  const count = await read(LAN_PARAMETERS.cipherSuiteCount, (data) => requireBytes('Get LAN Configuration Parameters (suites)', data, 1).readUInt8(0) & 0x1f);
  const suites = count === null ? null : await read(LAN_PARAMETERS.cipherSuites, (data) => data);
  if (count === null || suites === null) return null;
  return decodeCipherSuites(count, suites, await read(LAN_PARAMETERS.cipherSuitePrivileges, (data) => data));
}

/** What shall change; what is left out stays. */
export interface LanConfigurationChange {
  readonly ipAddressSource?: Exclude<IpAddressSource, 'unspecified' | 'other'>;
  readonly ipAddress?: string;
  readonly subnetMask?: string;
  readonly defaultGateway?: string;
  /** 1..4094, or null for none. */
  readonly vlanId?: number | null;
}

const SETTABLE_SOURCES: Readonly<Record<string, number>> = { static: IP_ADDRESS_SOURCES.static, dhcp: IP_ADDRESS_SOURCES.dhcp, bios: IP_ADDRESS_SOURCES.bios };

function changeIssues(channel: number, change: LanConfigurationChange): readonly OptionIssue[] {
  const addresses = (['ipAddress', 'subnetMask', 'defaultGateway'] as const).filter((field) => change[field] !== undefined);
  return [
    ...integerIssue('channel', channel, 0, 15),
    ...(change.ipAddressSource === undefined ? [] : choiceIssue('ipAddressSource', change.ipAddressSource, SETTABLE_SOURCES)),
    ...addresses.flatMap((field) => ipAddressIssue(field, change[field])),
    ...(change.vlanId === undefined || change.vlanId === null ? [] : vlanIssue(change.vlanId)),
  ];
}

/** The parameters to write, in the order in which they have to be: an address is refused while it comes from elsewhere. */
export function lanConfigurationWrites(change: LanConfigurationChange): readonly { readonly parameter: number; readonly data: Uint8Array }[] {
  const { ipAddressSource, ipAddress, subnetMask, defaultGateway, vlanId } = change;
  return [
    ...(ipAddressSource === undefined ? [] : [{ parameter: LAN_PARAMETERS.ipAddressSource, data: Uint8Array.of(IP_ADDRESS_SOURCES[ipAddressSource]) }]),
    ...(ipAddress === undefined ? [] : [{ parameter: LAN_PARAMETERS.ipAddress, data: encodeIpAddress('ipAddress', ipAddress) }]),
    ...(subnetMask === undefined ? [] : [{ parameter: LAN_PARAMETERS.subnetMask, data: encodeIpAddress('subnetMask', subnetMask) }]),
    ...(defaultGateway === undefined ? [] : [{ parameter: LAN_PARAMETERS.defaultGatewayAddress, data: encodeIpAddress('defaultGateway', defaultGateway) }]),
    ...(vlanId === undefined ? [] : [{ parameter: LAN_PARAMETERS.vlanId, data: encodeVlanId(vlanId) }]),
  ];
}

/**
 * Changes how the controller stands in its network, 30 s together unless the caller says otherwise. Idempotent. A change of the channel by which
 * the session runs may end it: on TIMEOUT look under the new address before anything else.
 * @throws INVALID_OPTIONS before anything is sent; what `carryOut` throws for the first parameter that is declined, those before it being changed
 */
export async function setLanConfiguration(bmc: RequestCarrier, channel: number, change: LanConfigurationChange, options?: CallOptions): Promise<void> {
  refuseIssues('LAN configuration', changeIssues(channel, change));
  const writes = lanConfigurationWrites(change);
  if (writes.length === 0) return;
  await severalRequests(bmc, 'LAN configuration', options, (share) =>
    whileInProgress(
      share,
      (value, writeOptions) => writeInProgress(bmc, channel, value, writeOptions),
      async () => {
        for (const { parameter, data } of writes) await setLanParameter(bmc, channel, parameter, data, share());
      },
    ),
  );
}

async function writeInProgress(bmc: RequestCarrier, channel: number, value: number, options: CallOptions): Promise<number> {
  const request = lanParameterRequest(channel, LAN_PARAMETERS.setInProgress, Uint8Array.of(value));
  return (await bmc.raw(request, { step: 'Set LAN Configuration Parameters (set in progress)', ...options })).completionCode;
}
