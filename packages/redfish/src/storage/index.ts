export { createVolume, decodeDrive, decodeVolume, deleteVolume, readSimpleStorage, readStorage } from './storage.js';
export type { Drive, SimpleDevice, StorageController, StorageUnit, Volume } from './storage.js';
