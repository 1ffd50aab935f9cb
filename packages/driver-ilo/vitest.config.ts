import { defineTests } from '../../vitest.shared.js';

// Most tests wait for a simulated machine, not for the processor: more workers than cores make them end sooner, and each a little later. A restart of an
// iLO that a busy machine did not see is waited for half a minute.
export default defineTests({ maxWorkers: 6, testTimeout: 60_000 });
