export { createAmtDriver } from './amt-driver.js';
export type { AmtDriverSettings } from './amt-driver.js';
export { AMT_DRIVER_NAME, amtDriverInfo } from './amt-options.js';
export type { AmtDriverInfo } from './amt-options.js';
export * from './client/index.js';
