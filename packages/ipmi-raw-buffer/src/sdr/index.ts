export { decodeBcdPlus, decodeLatin1, decodeSixBit, decodeUtf16 } from './text.js';
export type { TextEncoding } from './text.js';
export { decodeSdrName } from './name.js';
export type { SdrName } from './name.js';
export { decodeReadingFactors } from './reading-factors.js';
export type { ReadingFactors, SensorDirection } from './reading-factors.js';
export type {
  CompactSensorRecord, ControllerCapabilities, DeviceRelativeAssociationRecord, EntityAssociationRecord, EntityReference, EventOnlySensorRecord,
  FruDeviceLocatorRecord, FullSensorRecord, GenericDeviceLocatorRecord, McDeviceLocatorRecord, OemSdrRecord, RawFormat, RawSdrRecord, RawThresholds,
  RecordSharing, SdrHeader, SdrRecord, SensorAccess, SensorCapabilities, SensorInitialization, SensorKey, SensorRecord, SensorUnits,
} from './record-types.js';
export { decodeControllerCapabilities } from './locator-records.js';
export { decodeRawSdrRecord, decodeSdrHeader, decodeSdrRecord, isKnownSdrVersion } from './decode-record.js';
export { expandSensorRecord, indexSensors, isSensorRecord, listSensors } from './list-sensors.js';
export type { Sensor, SensorDirectory } from './list-sensors.js';
export type { CommandOptions, ControllerTarget } from './ask.js';
export { decodeDeviceSdrInfo, decodeSdrRepositoryInfo, getDeviceSdrInfo, getSdrRepositoryInfo } from './repository-info.js';
export type { DeviceSdrInfo, SdrRepositoryInfo } from './repository-info.js';
export type { SdrSource } from './record-reader.js';
export { readSdrRepository } from './read-repository.js';
export type { SdrProgress, SdrReadOptions, SdrRepository } from './read-repository.js';
