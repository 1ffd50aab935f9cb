import { decodePacketV15, isPacketV15 } from '../lan/packet-v15.js';
import { answers, decodeResponseFrame, encodeRequestFrame } from '../message/frame.js';
import { protocolFault } from '../message/protocol-fault.js';

/** What a channel says about the ways to log in. Controllers get it wrong often: information, not a rule. Source: IPMI 1.5, table 18-15; IPMI 2.0, table 22-15. */
export interface ChannelAuthenticationCapabilities {
  readonly channel: number;
  /** Types of IPMI 1.5 that the channel takes, by their numbers: 0 none, 1 MD2, 2 MD5, 4 password, 5 OEM. */
  readonly authTypes: readonly number[];
  readonly supportsV15: boolean;
  readonly supportsV20: boolean;
  /** A key of the BMC itself (Kg) is set. */
  readonly kgKeySet: boolean;
  /** With IPMI 1.5: packets after the login need no code. */
  readonly perMessageAuthenticationDisabled: boolean;
  readonly userLevelAuthenticationDisabled: boolean;
  readonly namedUsers: boolean;
  readonly nullUser: boolean;
  readonly anonymousLogin: boolean;
  /** IANA number of the manufacturer; 0 when it does not tell. */
  readonly oemEnterprise: number;
  readonly oemData: number;
}

const APPLICATION = 0x06;
const COMMAND = 0x38;
/** The channel that the request comes through. */
const THIS_CHANNEL = 0x0e;
const WITH_V20_DATA = 0x80;
const DATA_BYTES = 8;
const AUTH_TYPE_BITS = [0, 1, 2, 4, 5];

/** The message that asks. @param settings.v20 whether to ask for what IPMI 2.0 adds, which a controller of 1.5 may refuse; default true */
export function capabilitiesRequest(settings: { readonly privilegeLevel: number; readonly channel?: number; readonly v20?: boolean }): Buffer {
  const { privilegeLevel, channel = THIS_CHANNEL, v20 = true } = settings;
  const data = Uint8Array.of(channel | (v20 ? WITH_V20_DATA : 0), privilegeLevel);
  return encodeRequestFrame({ netFn: APPLICATION, command: COMMAND, sequence: 0, data });
}

/** Reads what follows the completion code. @throws PROTOCOL_FAULT */
export function decodeChannelAuthenticationCapabilities(data: Uint8Array): ChannelAuthenticationCapabilities {
  if (data.length < DATA_BYTES) throw protocolFault('Get Channel Authentication Capabilities', `${DATA_BYTES} bytes`, data);
  const [channel = 0, types = 0, status = 0, extended = 0, low = 0, middle = 0, high = 0, oemData = 0] = data;
  const extendedPresent = (types & 0x80) !== 0;
  return {
    channel: channel & 0x0f,
    authTypes: AUTH_TYPE_BITS.filter((type) => (types & (1 << type)) !== 0),
    supportsV15: !extendedPresent || (extended & 0x01) !== 0,
    supportsV20: extendedPresent && (extended & 0x02) !== 0,
    kgKeySet: extendedPresent && (status & 0x20) !== 0,
    perMessageAuthenticationDisabled: (status & 0x10) !== 0,
    userLevelAuthenticationDisabled: (status & 0x08) !== 0,
    namedUsers: (status & 0x04) !== 0,
    nullUser: (status & 0x02) !== 0,
    anonymousLogin: (status & 0x01) !== 0,
    oemEnterprise: low | (middle << 8) | (high << 16),
    oemData,
  };
}

/** The answer in a whole datagram outside a session; undefined when it is none, or a refusal. */
export function readCapabilitiesPacket(datagram: Uint8Array): ChannelAuthenticationCapabilities | undefined {
  if (!isPacketV15(datagram)) return undefined;
  const response = decodeResponseFrame(decodePacketV15(datagram).message);
  if (!answers(response, { netFn: APPLICATION, command: COMMAND, sequence: 0 }) || response.completionCode !== 0) return undefined;
  return decodeChannelAuthenticationCapabilities(response.data);
}
