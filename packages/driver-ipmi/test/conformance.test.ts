import { anyDriver } from '@ferric/core';
import { testDriver } from '@ferric/core/conformance';
import { createIpmiDriver } from '../src/index.js';
import { plugin } from '../src/plugin.js';
import { startVirtualDevice } from '../src/simulator/index.js';

testDriver('ipmitool', {
  createDriver: ({ gates, ...host }) => anyDriver(createIpmiDriver({ ...host, gate: (address, settings) => gates.gate(address, settings) })),
  startVirtualDevice,
  capabilities: ['bootDevice', 'bootMode', 'sensors', 'eventLog', 'inventory', 'nmi', 'indicators', 'console', 'vendor'],
  plugin,
  // The session that is kept for the next device of the same BMC.
  pooledConnections: 1,
});
