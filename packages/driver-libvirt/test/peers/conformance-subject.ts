import { anyDriver } from '@ferric/core';
import type { ConformanceSubject } from '@ferric/core/conformance';
import { createLibvirtDriver } from '../../src/index.js';
import { plugin } from '../../src/plugin.js';

/** What is the same for the driver whatever daemon it is tried at. */
export const SUBJECT: Omit<ConformanceSubject, 'startVirtualDevice'> = {
  createDriver: ({ gates, ...host }) => anyDriver(createLibvirtDriver({ ...host, gate: (address, settings) => gates.gate(address, settings) })),
  capabilities: ['bootDevice', 'bootMode', 'secureBoot', 'virtualMedia', 'inventory', 'console', 'nmi'],
  plugin,
  concurrency: 32,
  pooledConnections: 1,
};
