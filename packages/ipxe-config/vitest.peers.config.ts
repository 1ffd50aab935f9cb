import { definePeerTests } from '../../vitest.shared.js';

/** Tests with a real iPXE in emulated machines, which spend most of their time waiting: several at a time. They need root and Debian packages, and fail without them. */
export default definePeerTests({ maxConcurrency: 6 });
