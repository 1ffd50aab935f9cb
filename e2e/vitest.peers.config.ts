import { definePeerTests } from '../vitest.shared.js';

/** Tests against the clients that operators of Ironic use. They need Debian packages, and fail without them. Two guests at a time: each takes a processor of its own. */
export default definePeerTests({ maxConcurrency: 2 });
