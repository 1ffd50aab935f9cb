import { definePeerTests } from '../vitest.shared.js';

/** Tests against the clients that operators of Ironic use. They need Debian packages, and fail without them. */
export default definePeerTests();
