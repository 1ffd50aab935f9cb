import { definePeerTests } from '../../vitest.shared.js';

/** Tests against programs of others. They need Debian packages, and fail without them. */
export default definePeerTests();
