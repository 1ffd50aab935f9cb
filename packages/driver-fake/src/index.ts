export { createFakeDriver } from './fake-driver.js';
export type { FakeDriverSettings } from './fake-driver.js';
export { fakeDriverInfo } from './fake-options.js';
export type { FakeDriverInfo } from './fake-options.js';
export { FAKE_ACTIONS } from './fake-script.js';
export type { FakeAction } from './fake-script.js';
