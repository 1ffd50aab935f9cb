import { definePeerTests } from '../../vitest.shared.js';

/** The store and the work on a real PostgreSQL. They need a Debian package, and fail without it. */
export default definePeerTests();
