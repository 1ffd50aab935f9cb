import { randomBytes } from 'node:crypto';
import { createFaultSwitchboard, createPowerSwitch, macAddressBytes, invalidOptions, normalizeMacAddress, type VirtualDevice, type VirtualDeviceOptions } from '@ferric/core';
import { secureOnToHex } from './magic-pattern.js';
import { createPacketSink, type SeenPacket } from './packet-sink.js';

export interface VirtualWolDeviceOptions extends VirtualDeviceOptions {
  /** MAC addresses of its network cards; each wakes it. Default: one made up, of the range 52:54:00. */
  readonly macAddresses?: readonly string[];
  /** SecureOn password that its network cards ask for, as `192.168.1.1` or `00:11:22:33:44:55`. Default: none. */
  readonly secureOn?: string;
}

/** A machine that sleeps until the right magic packet comes. */
export interface VirtualWolDevice extends VirtualDevice {
  /** Where magic packets for it go: the address. */
  readonly host: string;
  /** Where magic packets for it go: the UDP port. */
  readonly port: number;
  /** The newest 1000 packets that reached it, also those that did not wake it. */
  readonly packets: readonly SeenPacket[];
  settled(): Promise<void>;
}

const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const SECURE_ON = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})$/i;

/**
 * Starts a virtual machine with Wake-on-LAN. A magic packet for one of its addresses, with its SecureOn password if it
 * has one, switches it on; like the real thing it never answers. It can show one fault, `wrong state`: the packet
 * arrives, the machine stays off (the network card lost its standby power). The others need answers to spoil.
 * @throws INVALID_OPTIONS for a MAC address or password that no network card could have.
 */
export async function startVirtualDevice(options: VirtualWolDeviceOptions = {}): Promise<VirtualWolDevice> {
  const addresses = (options.macAddresses ?? [makeMacAddress()]).map((address) => checkMacAddress(address));
  const secureOn = checkSecureOn(options.secureOn);
  const { state, watch } = createPowerSwitch('power off');
  const activity = { openConnections: 0, mostConcurrentExchanges: 0, changeCommands: 0, authenticationAttempts: 0 };
  const faults = createFaultSwitchboard(['wrong state']);

  const receive = (packet: SeenPacket): void => {
    activity.mostConcurrentExchanges = 1;
    if (packet.mac === undefined || !addresses.includes(packet.mac)) return;
    activity.changeCommands += 1;
    if (secureOn !== undefined) activity.authenticationAttempts += 1;
    const accepted = secureOn === undefined || packet.secureOnHex === secureOnToHex(secureOn);
    if (accepted && faults.take() === undefined) state.power = 'power on';
  };

  const sink = await createPacketSink({ host: options.host ?? '127.0.0.1', onPacket: receive });
  const host = LOOPBACK[sink.host] ?? sink.host;
  return {
    host,
    port: sink.port,
    name: options.name ?? `virtual-wol-${addresses[0]?.replaceAll(':', '').slice(6) ?? ''}`,
    hardwareType: 'staging-wol',
    driverInfo: { wol_host: host, wol_port: sink.port, ...(secureOn === undefined ? {} : { wol_secureon: secureOn }) },
    ports: addresses.map((address) => ({ address })),
    state,
    watchPower: watch,
    faults,
    activity,
    packets: sink.packets,
    settled: () => sink.settled(),
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  };
}

/** A MAC address of the range that virtual machines use. */
function makeMacAddress(): string {
  return `52:54:00:${Array.from(randomBytes(3), (byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}

function checkMacAddress(address: string): string {
  macAddressBytes(address, 'macAddresses');
  return normalizeMacAddress(address) ?? address;
}

function checkSecureOn(secureOn: string | undefined): string | undefined {
  if (secureOn === undefined || SECURE_ON.test(secureOn)) return secureOn;
  throw invalidOptions('Virtual machine', [{ field: 'secureOn', problem: 'invalid', expected: '4 bytes as 192.168.1.1 or 6 bytes as 00:11:22:33:44:55' }]);
}
