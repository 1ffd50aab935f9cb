import { randomBytes } from 'node:crypto';
import type { VirtualDevice, VirtualDeviceOptions } from '@ferric/core';
import { type VirtualDomain } from './virtual-domain.js';
import { startVirtualHypervisor, type VirtualHypervisor } from './virtual-hypervisor.js';
import type { VirtualDomainDefinition } from './domain/domain-xml.js';

export interface VirtualLibvirtDeviceOptions extends VirtualDeviceOptions {
  /** How the driver finds the machine: by the MAC addresses of its ports, or by what stands in `libvirt_domain`. Default `mac address`. */
  readonly findBy?: 'mac address' | 'name' | 'uuid';
  /** What the machine is like. Default: see {@link VirtualDomainDefinition}. */
  readonly domain?: Omit<VirtualDomainDefinition, 'name' | 'running'>;
}

/** A machine of a hypervisor of its own, which has one other machine beside it. */
export interface VirtualLibvirtDevice extends VirtualDevice {
  readonly hypervisor: VirtualHypervisor;
  readonly domain: VirtualDomain;
}

const madeUp = (): string => randomBytes(12).toString('hex');

/**
 * Starts a hypervisor with two machines and gives the first of them; the other is there so that finding the right one means
 * something. Clients log in with SCRAM-SHA-256, which a real daemon offers over TLS and unix sockets only: over plain TCP it
 * has nothing but DIGEST-MD5 and Kerberos.
 * @throws INVALID_OPTIONS, CONFLICT
 */
export async function startVirtualDevice(options: VirtualLibvirtDeviceOptions = {}): Promise<VirtualLibvirtDevice> {
  const name = options.name ?? `virtual-libvirt-${randomBytes(3).toString('hex')}`;
  const credentials = { username: 'ferric', password: madeUp() };
  const hypervisor = await startVirtualHypervisor({
    ...(options.host === undefined ? {} : { host: options.host }),
    credentials,
    domains: [{ name: 'neighbour' }, { ...options.domain, name }],
  });
  const domain = hypervisor.domain(name);
  const target = { 'mac address': {}, name: { libvirt_domain: name }, uuid: { libvirt_domain: domain.uuid } }[options.findBy ?? 'mac address'];
  const driverInfo = { libvirt_uri: hypervisor.uri, sasl_username: credentials.username, ...target };
  return {
    name,
    hardwareType: 'staging-libvirt',
    driverInfo: { ...driverInfo, sasl_password: credentials.password },
    wrongDriverInfo: { ...driverInfo, sasl_password: madeUp() },
    ports: domain.macAddresses.map((address) => ({ address })),
    state: domain.machine,
    watchPower: (listener) => domain.watchPower(listener),
    faults: hypervisor.faults,
    activity: hypervisor.activity,
    hypervisor,
    domain,
    [Symbol.asyncDispose]: () => hypervisor[Symbol.asyncDispose](),
  };
}
