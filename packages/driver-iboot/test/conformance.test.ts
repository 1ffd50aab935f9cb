import { testDriver } from '@ferric/core/conformance';
import { anyDriver } from '@ferric/core';
import { createIbootDriver } from '../src/index.js';
import { plugin } from '../src/plugin.js';
import { startVirtualDevice } from '../src/simulator/index.js';

testDriver('staging-iboot', {
  createDriver: ({ logger, clock, gates, transcript }) =>
    anyDriver(createIbootDriver({ logger, clock, gate: (address) => gates.gate(address), ...(transcript === undefined ? {} : { transcript }) })),
  // Not the first relay: a driver that always took the first would not be found out.
  startVirtualDevice: (options) => startVirtualDevice({ ...options, relay: 3 }),
  capabilities: [],
  plugin,
});
