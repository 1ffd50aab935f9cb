import { testDriver } from '@ferric/core/conformance';
import { createWolDriver } from '../src/index.js';
import { plugin } from '../src/plugin.js';
import { startVirtualDevice } from '../src/simulator/index.js';

// With a SecureOn password, so that the suite finds it wherever it should not be. Sending settles at once.
testDriver('staging-wol', {
  createDriver: ({ logger, clock, transcript }) => createWolDriver({ logger, clock, ...(transcript === undefined ? {} : { transcript }) }),
  startVirtualDevice: (options) => startVirtualDevice({ ...options, secureOn: 'a1:b2:c3:d4:e5:f6' }),
  capabilities: [],
  plugin,
});
