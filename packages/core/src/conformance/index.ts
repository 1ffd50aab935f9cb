/**
 * The rules that every driver keeps, as vitest tests. Needs vitest; `@ferric/core/conformance/check` does not.
 * @packageDocumentation
 */
export * from './check.js';
export { testDriver } from './test-driver.js';
