import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BootDeviceName, VirtualDevice, VirtualMachineState } from '@ferric/core';
import { defineGuest, type Guest, makeUpMac } from '../guest/guest.ts';
import { GUEST_LINES } from '../guest/boot-sector.ts';
import type { PrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import type { Witness } from '../libvirtd/witness.ts';
import { type FaultProxyActivity, type LocalEndpoint, startFaultProxy } from '../proxy/fault-proxy.ts';

export interface PeerVirtualDeviceOptions {
  readonly libvirtd: PrivateLibvirtd;
  /** Says what the machine really is, and which of the daemon's drivers makes it. */
  readonly witness: Witness;
  /** How the driver reaches the daemon through the proxy. Default unix, which asks for a password where the daemon does. */
  readonly transport?: 'unix' | 'tcp';
  /** Default: made up. */
  readonly name?: string;
}

export interface PeerVirtualDevice extends VirtualDevice {
  readonly activity: FaultProxyActivity;
  /** Name of the domain. */
  readonly domain: string;
}

/**
 * A machine of a real daemon in the form of a simulator: the driver reaches the daemon through a proxy that can spoil things, and virsh tells,
 * past the proxy, what state the machine is in. Its boot device can be looked at, not set.
 */
export async function startPeerVirtualDevice(options: PeerVirtualDeviceOptions): Promise<PeerVirtualDevice> {
  const { libvirtd, witness, transport = 'unix' } = options;
  const name = options.name ?? `peer-${randomBytes(4).toString('hex')}`;
  const asks = asksForPassword(options);
  const machine = await (witness.hypervisor === 'qemu' ? qemuMachine(libvirtd, name) : testMachine(libvirtd, witness, name));
  const socket = join(libvirtd.directory, `${name}.sock`);
  const [target, listen]: readonly LocalEndpoint[] = transport === 'unix' ? [{ socket: libvirtd.socket }, { socket }] : [{ port: libvirtd.tcpPort }, { port: 0 }];
  const proxy = await startFaultProxy({ target: target as LocalEndpoint, listen: listen as LocalEndpoint });
  const { username, password } = libvirtd.credentials;
  const driverInfo = { libvirt_uri: uriOf(witness, proxy.listens), sasl_username: username, sasl_password: password };
  const dispose = async (): Promise<void> => {
    await proxy[Symbol.asyncDispose]();
    await machine.remove();
  };
  let disposing: Promise<void> | undefined;
  return {
    name,
    domain: name,
    hardwareType: 'staging-libvirt',
    driverInfo,
    ...(asks ? { wrongDriverInfo: { ...driverInfo, sasl_password: `${password}-wrong` } } : {}),
    ports: [{ address: machine.mac }],
    state: machineState(witness, name, machine.waitUntilUp),
    faults: proxy.faults,
    activity: proxy.activity,
    async [Symbol.asyncDispose]() {
      disposing ??= dispose();
      await disposing;
    },
  };
}

/** The daemon's TCP would encrypt what the proxy has to read, so there it must not ask. */
function asksForPassword({ libvirtd, transport = 'unix' }: PeerVirtualDeviceOptions): boolean {
  if (transport === 'tcp' && libvirtd.auth.tcp === 'sasl') throw new Error('A proxy cannot follow TCP with SASL: start the daemon with tcpAuth none');
  return transport === 'unix' && libvirtd.auth.unix === 'sasl';
}

function uriOf({ hypervisor }: Witness, listens: LocalEndpoint): string {
  const path = hypervisor === 'qemu' ? '/system' : '/default';
  return 'socket' in listens ? `${hypervisor}+unix://${path}?socket=${listens.socket}` : `${hypervisor}+tcp://127.0.0.1:${listens.port}${path}`;
}

interface PeerMachine {
  readonly mac: string;
  /** After its start, until it listens to its power button. */
  waitUntilUp(): void;
  remove(): Promise<void>;
}

async function qemuMachine(libvirtd: PrivateLibvirtd, name: string): Promise<PeerMachine> {
  const guest: Guest = await defineGuest(libvirtd, { name, cdrom: 'empty' });
  return {
    mac: guest.mac,
    waitUntilUp: () => guest.waitForSerialSync(GUEST_LINES.ready('')),
    async remove() {
      await guest[Symbol.asyncDispose]();
    },
  };
}

/** A machine of the test driver: it starts and stops in no time, and obeys everything. */
async function testMachine(libvirtd: PrivateLibvirtd, witness: Witness, name: string): Promise<PeerMachine> {
  const mac = makeUpMac();
  const definition = join(libvirtd.directory, `${name}.xml`);
  writeFileSync(definition, [
    `<domain type="test"><name>${name}</name><uuid>${randomUUID()}</uuid><memory unit="MiB">32</memory><vcpu>1</vcpu>`,
    '<os><type arch="i686">hvm</type><boot dev="hd"/></os>',
    '<devices><disk type="file" device="disk"><source file="/guest/disk"/><target dev="hda" bus="ide"/></disk>',
    '<disk type="file" device="cdrom"><target dev="hdc" bus="ide"/><readonly/></disk>',
    `<interface type="network"><mac address="${mac}"/><source network="default"/></interface></devices></domain>`,
  ].join('\n'));
  witness.command('define', definition);
  rmSync(definition);
  return {
    mac,
    waitUntilUp: () => undefined,
    async remove() {
      if (witness.isOn(name)) witness.command('destroy', name);
      witness.command('undefine', name);
    },
  };
}

const BOOT_DEVICES: Readonly<Record<string, BootDeviceName>> = { hd: 'disk', cdrom: 'cdrom', network: 'pxe', fd: 'floppy' };

/** What virsh says now; what is set is done by virsh before anything else goes on. */
function machineState(witness: Witness, name: string, waitUntilUp: () => void): VirtualMachineState {
  return {
    get power() {
      return witness.isOn(name) ? 'power on' : 'power off';
    },
    set power(wanted) {
      if (witness.isOn(name) === (wanted === 'power on')) return;
      witness.command(wanted === 'power on' ? 'start' : 'destroy', name);
      if (wanted === 'power on') waitUntilUp();
    },
    get bootDevice() {
      return { device: BOOT_DEVICES[witness.firstBootDevice(name) ?? ''] ?? null, persistent: null };
    },
  };
}
