import { anyDriver } from '@ferric/core';
import { testDriver } from '@ferric/core/conformance';
import { createAmtDriver } from '../src/index.js';
import { plugin } from '../src/plugin.js';
import { startVirtualDevice } from '../src/simulator/index.js';

testDriver('staging-amt', {
  createDriver: ({ logger, clock, gates, transcript }) =>
    anyDriver(
      createAmtDriver({
        logger, clock, gate: (address, settings) => gates.gate(address, settings), ...(transcript === undefined ? {} : { transcript }),
        // Real machines need seconds: the tests of the client see to those.
        powerPacing: { spacingMs: 50, pollMs: 20 },
      }),
    ),
  startVirtualDevice,
  capabilities: ['bootDevice', 'inventory', 'eventLog', 'nmi', 'vendor'],
  plugin,
  // The client stays, with its connection, for the next device of the same machine.
  pooledConnections: 1,
});
