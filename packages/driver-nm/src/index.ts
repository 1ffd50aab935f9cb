export { createNmDriver, NM_DRIVER_NAME } from './nm-driver.js';
export type { NmDriverSettings } from './nm-driver.js';
export * from './client/index.js';
