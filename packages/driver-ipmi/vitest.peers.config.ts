import { definePeerTests } from '../../vitest.shared.js';

/** Tests against OpenIPMI's BMC. They need Debian packages, and fail without them. */
export default definePeerTests();
