export { decodeDeviceId, getDeviceId, manufacturerName } from './device-id.js';
export type { DeviceId, DeviceSupport } from './device-id.js';
export { decodeGuid, getDeviceGuid, getSystemGuid, GUID_READINGS } from './guid.js';
export type { GuidReading, IpmiGuid } from './guid.js';
export { decodeSelfTest, getSelfTestResults, resetBmc } from './self-test.js';
export type { BmcReset, SelfTest, SelfTestResult } from './self-test.js';
export { decodeChassisStatus, getChassisStatus, IDENTIFY_STATES, POWER_RESTORE_POLICIES } from './chassis-status.js';
export type { ButtonSet, ChassisStatus, FrontPanelButtons, IdentifyState, PowerRestorePolicy } from './chassis-status.js';
export { controlChassis, encodeIdentify, identifyChassis } from './chassis-control.js';
export type { ChassisAction, IdentifyDuration, IdentifyOutcome } from './chassis-control.js';
export {
  decodePowerOnTime, decodeRestartCause, decodeRestorePolicySupport, encodeDisabledButtons, getPowerOnTime, getPowerRestorePolicies, getRestartCause,
  RESTART_CAUSES, setDisabledButtons, setPowerCycleInterval, setPowerRestorePolicy,
} from './chassis-settings.js';
export type { PowerOnTime, RestartCause, SettablePowerRestorePolicy } from './chassis-settings.js';
export { BOOT_TARGETS, decodeBootFlags, encodeBootFlags } from './boot-flags.js';
export type { BootFlags, BootTarget, ReadBootFlags } from './boot-flags.js';
export { BOOT_PARAMETERS, decodeBootParameter, encodeGetBootParameter, getBootParameter, setBootParameter } from './boot-parameters.js';
export type { BootParameter, BootParameterPart } from './boot-parameters.js';
export { readBootFlags, setBootDevice } from './boot-device.js';
export type { BootDeviceOutcome, BootDeviceRequest, BootFlagDifference, SetBootDeviceOptions } from './boot-device.js';
export {
  decodeCipherSuites, decodeIpAddress, decodeIpAddressSource, decodeLanParameter, decodeMacAddress, decodeVlanId, encodeIpAddress, encodeVlanId,
  getLanParameter, IP_ADDRESS_SOURCES, LAN_PARAMETERS, setLanParameter,
} from './lan-parameters.js';
export type { IpAddressSource, LanParameter, LanParameterPart, OfferedCipherSuite } from './lan-parameters.js';
export { lanConfigurationWrites, readLanConfiguration, setLanConfiguration } from './lan-configuration.js';
export type { LanConfiguration, LanConfigurationChange } from './lan-configuration.js';
export { decodeSessionInfo, encodeSessionSelector, getSessionInfo } from './session-info.js';
export type { ActiveSession, SessionInfo, SessionSelector } from './session-info.js';
export { decodeChannelAccess, decodeChannelInfo, getChannelAccess, getChannelInfo, PRESENT_CHANNEL } from './channel.js';
export type { ChannelAccess, ChannelAccessOptions, ChannelInfo } from './channel.js';
export { decodeUserAccess, decodeUserName, encodeUserAccess, encodeUserName, getUserAccess, getUserName, setUserAccess, setUserName } from './users.js';
export type { UserAccess, UserAccessChange } from './users.js';
export { setUserEnabled, setUserPassword, testUserPassword } from './user-password.js';
export type { UserPassword } from './user-password.js';
export type { PrivilegeLimit } from './privilege.js';
export {
  activatePayload, deactivatePayload, decodePayloadActivation, decodePayloadInfo, decodePayloadStatus, getPayloadInfo, getPayloadStatus, SOL_PAYLOAD,
} from './payload.js';
export type { PayloadActivation, PayloadInfo, PayloadInstance, PayloadStatus } from './payload.js';
export {
  decodeSolAccumulation, decodeSolAuthentication, decodeSolBitRate, decodeSolRetry, getSolParameter, readSolConfiguration, setSolEnabled, setSolParameter,
  SOL_PARAMETERS,
} from './sol-parameters.js';
export type { SolConfiguration } from './sol-parameters.js';
