export { createIpmiDriver } from './ipmi-driver.js';
export type { IpmiDriverSettings, IpmiExtension } from './ipmi-driver.js';
export type { CreateIpmiClient } from './client-pool.js';
export type { CallFacts, IpmiCall, IpmiMachine } from './ipmi-machine.js';
export { IPMI_DRIVER_NAME, ipmiDriverInfo } from './ipmi-options.js';
export type { IpmiDriverInfo } from './ipmi-options.js';
