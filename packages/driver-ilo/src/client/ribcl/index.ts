export { createRibclClient } from './ribcl-client.js';
export type { RibclClient, RibclResult, RibclResults } from './ribcl-client.js';
export type { RibclClientSettings } from './client-settings.js';
export { readStatus } from './read-status.js';
export type { RibclStatus } from './read-status.js';
export { readCommand, writeCommand } from './command.js';
export type { RibclAcknowledgement, RibclAnswer, RibclCommand, RibclGroup } from './command.js';
export type { RibclRefusalReason } from './status-codes.js';
export type { RequestElement } from './wire/encode-request.js';
export type { RibclElement } from './wire/element.js';

export { bootDeviceKind, bootDevicesOfKind } from './commands/boot-devices.js';
export type { RibclBootDevice, RibclBootDeviceKind, RibclBootOrder } from './commands/boot-devices.js';
export { readCurrentBootMode, readPendingBootMode, readSupportedBootModes, setPendingBootMode } from './commands/boot-mode.js';
export { readEmbeddedHealth } from './commands/embedded-health.js';
export { clearEventLog, readEventLog, toEventLogEntries } from './commands/event-log.js';
export type { RibclEvent, RibclEventLogName } from './commands/event-log.js';
export { FIRMWARE_COMPONENTS, writeFirmware } from './commands/firmware-update.js';
export type { RibclFirmwareComponent, RibclFirmwareUpdate } from './commands/firmware-update.js';
export { readFirmwareVersion } from './commands/firmware-version.js';
export type { RibclFirmwareVersion } from './commands/firmware-version.js';
export { readHostData } from './commands/host-data.js';
export type { SmbiosRecord } from './commands/host-data.js';
export { readIdentifyLight, setIdentifyLight } from './commands/identify-light.js';
export { activateLicence, readLicences } from './commands/licences.js';
export type { RibclLicence } from './commands/licences.js';
export { changeNetworkSettings, readNetworkSettings } from './commands/network-settings.js';
export type { RibclNetworkChanges, RibclNetworkSettings } from './commands/network-settings.js';
export { ONE_TIME_BOOT_DEVICES, readOneTimeBoot, setOneTimeBoot } from './commands/one-time-boot.js';
export { readPersistentBoot, setPersistentBoot } from './commands/persistent-boot.js';
export { coldBootServer, holdPowerButton, pressPowerButton, readHostPower, resetServer, setHostPower, warmBootServer } from './commands/power.js';
export { readPowerReadings } from './commands/power-readings.js';
export type { RibclPowerReadings } from './commands/power-readings.js';
export { readProductName, readServerName } from './commands/product.js';
export { resetController } from './commands/reset-controller.js';
export { changeUser, readUser, readUserLogins, readUsers } from './commands/users.js';
export type { RibclPrivilege, RibclUser, RibclUserChanges } from './commands/users.js';
export {
  ejectVirtualMedia, insertVirtualMedia, readVirtualMedia, setVirtualMedia, VIRTUAL_MEDIA_BOOT_OPTIONS, VIRTUAL_MEDIA_DEVICES,
} from './commands/virtual-media.js';
export type { RibclVirtualMediaBootOption, RibclVirtualMediaDevice, RibclVirtualMediaStatus } from './commands/virtual-media.js';
export type { FirmwareImage } from './upload-firmware.js';

export { readInventory } from './health/inventory.js';
export type { HealthInventory, HealthNetworkPort } from './health/inventory.js';
export { powerSensors, readHealthSensors } from './health/sensors.js';
export { readHealthSummary } from './health/summary.js';
export type { HealthSummary } from './health/summary.js';
