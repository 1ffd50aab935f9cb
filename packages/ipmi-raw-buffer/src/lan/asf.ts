import { protocolFault } from '../message/protocol-fault.js';
import { isRmcp, RMCP_HEADER_BYTES, writeRmcpHeader } from './rmcp.js';

/** IANA number of the ASF working group, big-endian on the wire. Source: IPMI 1.5, table 12-4. */
const ASF_ENTERPRISE = 4542;
const PRESENCE_PING = 0x80;
const PRESENCE_PONG = 0x40;
const ASF_HEADER_BYTES = 8;
const PONG_DATA_BYTES = 16;
/** Bit 7 of the supported entities. Source: IPMI 1.5, table 12-6. */
const IPMI_SUPPORTED = 0x80;

/** What a controller says about itself when it is pinged. Source: IPMI 1.5, section 12.2.4. */
export interface PresencePong {
  readonly tag: number;
  /** IANA number of the manufacturer; 4542 when it does not tell. */
  readonly enterprise: number;
  /** Meaning belongs to the manufacturer. */
  readonly oemDefined: number;
  readonly supportsIpmi: boolean;
}

/** A whole datagram. @param tag 0..254, comes back in the answer; 255 would ask for none */
export function encodePresencePing(tag: number): Buffer {
  const datagram = Buffer.alloc(RMCP_HEADER_BYTES + ASF_HEADER_BYTES);
  writeRmcpHeader(datagram, 'asf');
  datagram.writeUInt32BE(ASF_ENTERPRISE, RMCP_HEADER_BYTES);
  datagram[8] = PRESENCE_PING;
  datagram[9] = tag;
  return datagram;
}

/** Reads a whole datagram. @throws PROTOCOL_FAULT when it is anything but a presence pong */
export function decodePresencePong(datagram: Uint8Array): PresencePong {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  const whole = bytes.length >= RMCP_HEADER_BYTES + ASF_HEADER_BYTES + PONG_DATA_BYTES;
  if (!whole || !isRmcp(bytes, 'asf') || bytes.readUInt32BE(4) !== ASF_ENTERPRISE || bytes[8] !== PRESENCE_PONG) {
    throw protocolFault('presence ping', 'a presence pong', datagram);
  }
  const [tag = 0, , dataLength = 0] = bytes.subarray(9);
  if (dataLength < PONG_DATA_BYTES) throw protocolFault('presence ping', `${PONG_DATA_BYTES} bytes of data`, datagram);
  return {
    tag,
    enterprise: bytes.readUInt32BE(12),
    oemDefined: bytes.readUInt32BE(16),
    supportsIpmi: ((bytes[20] ?? 0) & IPMI_SUPPORTED) !== 0,
  };
}
