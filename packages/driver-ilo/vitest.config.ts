import { defineTests } from '../../vitest.shared.js';

export default defineTests();
