import { defineTests } from '../../vitest.shared.js';

// The tests of the conformance suite mostly wait for deadlines: more workers than cores make them end sooner.
export default defineTests({ maxWorkers: 4 });
