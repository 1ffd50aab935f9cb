import { defineTests } from '../vitest.shared.js';

/** Each test starts conductors or installs packages: seconds, where other tests take milliseconds. */
export default defineTests({ testTimeout: 300_000, hookTimeout: 120_000, maxWorkers: 2 });
