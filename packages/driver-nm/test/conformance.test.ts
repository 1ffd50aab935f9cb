import { anyDriver } from '@ferric/core';
import { testDriver } from '@ferric/core/conformance';
import { createNmDriver } from '../src/index.js';
import { plugin } from '../src/plugin.js';
import { startVirtualDevice } from '../src/simulator/index.js';

testDriver('nm', {
  createDriver: ({ gates, ...host }) => anyDriver(createNmDriver({ ...host, gate: (address, settings) => gates.gate(address, settings) })),
  startVirtualDevice,
  capabilities: ['bootDevice', 'bootMode', 'sensors', 'inventory', 'console', 'nmi', 'indicators', 'eventLog', 'vendor'],
  plugin,
  // A session is kept for the next device of the same BMC.
  pooledConnections: 1,
});
