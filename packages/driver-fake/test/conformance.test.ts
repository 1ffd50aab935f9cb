import { anyDriver } from '@ferric/core';
import { testDriver } from '@ferric/core/conformance';
import { createFakeDriver } from '../src/index.js';
import { plugin } from '../src/plugin.js';
import { startVirtualDevice } from '../src/simulator/index.js';

testDriver('fake', {
  createDriver: (host) => anyDriver(createFakeDriver(host)),
  startVirtualDevice,
  capabilities: ['bootDevice', 'bootMode', 'secureBoot', 'bios', 'raid', 'console', 'indicators', 'vendor', 'steps'],
  plugin,
});
