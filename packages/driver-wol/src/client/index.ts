export { wake } from './wake.js';
export type { WakeOptions, WakeServices } from './wake.js';
export { WAKE_DEFAULTS, WAKE_LIMITS } from './wake-request.js';
export type { WakeSettings } from './wake-request.js';
export type { WakePacket, WakePacketError, WakeReport } from './wake-report.js';
export { decodeMagicPacket, encodeMagicPacket, MAGIC_PACKET_BYTES } from './magic-packet.js';
export type { MagicPacket } from './magic-packet.js';
export { systemNetwork } from './system-network.js';
export type { InterfaceAddress, UdpSocket, WakeNetwork } from './network.js';
