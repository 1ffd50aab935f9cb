export { startVirtualDevice } from './virtual-wol-device.js';
export type { VirtualWolDevice, VirtualWolDeviceOptions } from './virtual-wol-device.js';
export { createPacketSink } from './packet-sink.js';
export type { PacketSink, PacketSinkOptions, SeenPacket } from './packet-sink.js';
