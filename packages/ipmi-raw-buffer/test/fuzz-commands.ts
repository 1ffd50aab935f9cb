import {
  decodeBootFlags, decodeBootParameter, decodeChannelAccess, decodeChannelInfo, decodeChassisStatus, decodeCipherSuites, decodeDeviceId, decodeGuid,
  decodeIpAddress, decodeIpAddressSource, decodeLanParameter, decodeMacAddress, decodePayloadActivation, decodePayloadInfo, decodePayloadStatus,
  decodePowerOnTime, decodeRestartCause, decodeRestorePolicySupport, decodeSelfTest, decodeSessionInfo, decodeSolAccumulation, decodeSolAuthentication,
  decodeSolBitRate, decodeSolRetry, decodeUserAccess, decodeUserName, decodeVlanId,
} from '../src/commands/index.js';
import { decodeBmcPacket } from '../src/sol/index.js';

/** Every decoder of the commands and of serial over LAN, for tests with bytes of any kind. */
export const COMMAND_DECODERS: readonly { readonly name: string; readonly decode: (bytes: Uint8Array) => unknown }[] = [
  { name: 'device id', decode: decodeDeviceId },
  { name: 'GUID', decode: (bytes) => decodeGuid(bytes) },
  { name: 'self test', decode: decodeSelfTest },
  { name: 'chassis status', decode: decodeChassisStatus },
  { name: 'restore policies', decode: decodeRestorePolicySupport },
  { name: 'restart cause', decode: decodeRestartCause },
  { name: 'power-on time', decode: decodePowerOnTime },
  { name: 'boot parameter', decode: (bytes) => decodeBootParameter(bytes) },
  { name: 'boot flags', decode: decodeBootFlags },
  { name: 'LAN parameter', decode: decodeLanParameter },
  { name: 'IP address', decode: decodeIpAddress },
  { name: 'IP address source', decode: decodeIpAddressSource },
  { name: 'MAC address', decode: decodeMacAddress },
  { name: 'VLAN', decode: decodeVlanId },
  { name: 'cipher suites', decode: (bytes) => decodeCipherSuites(bytes.length, bytes, bytes) },
  { name: 'session info', decode: decodeSessionInfo },
  { name: 'channel info', decode: decodeChannelInfo },
  { name: 'channel access', decode: decodeChannelAccess },
  { name: 'user access', decode: decodeUserAccess },
  { name: 'user name', decode: decodeUserName },
  { name: 'payload activation', decode: decodePayloadActivation },
  { name: 'payload status', decode: decodePayloadStatus },
  { name: 'payload info', decode: decodePayloadInfo },
  { name: 'SOL authentication', decode: decodeSolAuthentication },
  { name: 'SOL accumulation', decode: decodeSolAccumulation },
  { name: 'SOL retry', decode: decodeSolRetry },
  { name: 'SOL bit rate', decode: decodeSolBitRate },
  { name: 'SOL packet', decode: decodeBmcPacket },
];
