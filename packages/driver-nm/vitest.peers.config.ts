import { definePeerTests } from '../../vitest.shared.js';

/** Tests against OpenIPMI's simulated BMC with a Node Manager behind it, and by FreeIPMI. They need Debian packages, and fail without them. */
export default definePeerTests();
