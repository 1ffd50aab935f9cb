import { definePeerTests } from '../../vitest.shared.js';

/** Tests against qemu-img, partition tools, openssl and Python. They need Debian packages, and fail without them. */
export default definePeerTests();
