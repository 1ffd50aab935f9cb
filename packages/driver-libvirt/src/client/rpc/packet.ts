import { encodeMessage, HEADER_BYTES, type MessageHeader } from '../wire/message.js';

/** A whole message whose payload is given as bytes, without padding: a packet of a stream. */
export function encodePacket(header: MessageHeader, payload: Uint8Array): Buffer {
  const head = encodeMessage(header);
  const packet = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  head.copy(packet);
  packet.set(payload, HEADER_BYTES);
  packet.writeUInt32BE(packet.length, 0);
  return packet;
}
