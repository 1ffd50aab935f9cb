import { definePeerTests } from '../../vitest.shared.js';

/** Tests against a real libvirtd, real guests and real programs of libvirt. They need root and Debian packages, and fail without them. */
export default definePeerTests();
