export type { ControlMode } from './control-mode.js';
export type { GeneralSettings } from './general.js';
export type { NetworkPort } from './network-ports.js';
export type { PowerPackage, PowerPackages } from './power-scheme.js';
export type { AmtTlsSettings, KvmSettings, RedirectionSettings, TlsInterfaceSettings } from './remote-access.js';
export { createSettingsCalls } from './settings-calls.js';
export type { EnvironmentDetection, SettingsCalls, UserConnection } from './settings-calls.js';
