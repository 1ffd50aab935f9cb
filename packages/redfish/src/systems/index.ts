export { decodeSystemFacts, findSystem } from './system.js';
export type { SystemChoice, SystemFacts } from './system.js';
export { decodeSystemPower, pushPowerButton, resetSystem, resetTypes, SYSTEM_POWER_STATES } from './power.js';
export type { ButtonPush, SystemPower, SystemPowerState } from './power.js';
export { decodeBootOverride, OVERRIDE_DURATIONS, setBootOverride } from './boot-override.js';
export type { BootOverride, BootOverrideChange, OverrideDuration } from './boot-override.js';
export { decodeIdentifyLight, setIdentifyLight } from './identify-light.js';
export type { IdentifyLight } from './identify-light.js';
