import { definePeerTests } from '../../vitest.shared.js';

/** Tests against other programs that speak IPMI. They need Debian packages, and fail without them. */
export default definePeerTests();
