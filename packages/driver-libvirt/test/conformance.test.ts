import { anyDriver } from '@ferric/core';
import { testDriver, type ConformanceSubject } from '@ferric/core/conformance';
import { createLibvirtDriver } from '../src/libvirt-driver.js';
import { plugin } from '../src/plugin.js';
import { startVirtualDevice } from '../src/simulator/index.js';

const subject: Omit<ConformanceSubject, 'startVirtualDevice'> = {
  createDriver: ({ gates, ...host }) => anyDriver(createLibvirtDriver({ ...host, gate: (address, settings) => gates.gate(address, settings) })),
  capabilities: ['bootDevice', 'bootMode', 'secureBoot', 'virtualMedia', 'inventory', 'console', 'nmi'],
  plugin,
  // A hypervisor is made for many machines: calls go side by side over one connection, which is kept for later devices.
  concurrency: 32,
  pooledConnections: 1,
};

testDriver('staging-libvirt, found by MAC address', { ...subject, startVirtualDevice });
testDriver('staging-libvirt, found by name', { ...subject, startVirtualDevice: (options) => startVirtualDevice({ ...options, findBy: 'name' }) });
