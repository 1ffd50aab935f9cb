export { decodeUpdateProgress, decodeUpdateService, readFirmware, readUpdateService, startUpdate } from './updates.js';
export type { FirmwareItem, SimpleUpdateOptions, UpdateProgress, UpdateService } from './updates.js';
