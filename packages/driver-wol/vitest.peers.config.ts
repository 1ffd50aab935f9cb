import { definePeerTests } from '../../vitest.shared.js';

/** Tests against other Wake-on-LAN programs and real networks. They need root and Debian packages, and fail without them. */
export default definePeerTests();
