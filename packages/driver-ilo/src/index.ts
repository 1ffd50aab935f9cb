export { createIlo5Driver, createIloDriver, createIloDrivers } from './ilo-driver.js';
export type { IloDriverSettings } from './ilo-driver.js';
export { ILO_DRIVER_NAMES, iloDriverInfo } from './ilo-options.js';
export type { IloDriverInfo, IloDriverName } from './ilo-options.js';
export { SERVER_GENERATIONS } from './server-generations.js';
export type { ServerGeneration } from './server-generations.js';
export { createIloInspect } from './ilo-inspect.js';
export * from './client/index.js';
