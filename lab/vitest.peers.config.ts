import { definePeerTests } from '../vitest.shared.js';

/** Tests of the peers themselves. They need root and Debian packages, and fail without them. */
export default definePeerTests();
