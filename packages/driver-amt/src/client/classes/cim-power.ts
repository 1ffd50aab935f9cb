import { defineClass, listOf, required } from './class-table.js';
import { ENABLED_STATES, REQUESTED_STATES } from './value-names.js';
import { integer, named, reference, text } from './value-readers.js';

// Power states stay numbers: which of them mean on and off, and which may be asked for, is decided by whoever plans with them.

/** What is on and what may be asked for now. Source: CIM schema of the DMTF, CIM_AssociatedPowerManagementService. */
export const CIM_AssociatedPowerManagementService = defineClass('CIM_AssociatedPowerManagementService', {
  AvailableRequestedPowerStates: listOf(integer),
  /** Older firmware has no such field. */
  OtherPowerState: text,
  PowerOnTime: text,
  PowerState: required(integer),
  RequestedPowerState: integer,
  ServiceProvided: reference,
  UserOfService: reference,
});

/** CIM_PowerManagementCapabilities.PowerChangeCapabilities. */
export const POWER_CHANGE_CAPABILITIES = {
  0: 'unknown', 1: 'other', 2: 'power saving modes entered automatically', 3: 'power state settable', 4: 'power cycling supported',
  5: 'timed power on supported', 6: 'off hard power cycling supported', 7: 'hardware reset supported', 8: 'graceful shutdown supported',
} as const;

/** What may ever be asked for. Source: CIM schema of the DMTF, CIM_PowerManagementCapabilities. */
export const CIM_PowerManagementCapabilities = defineClass('CIM_PowerManagementCapabilities', {
  ElementName: text,
  InstanceID: text,
  OtherPowerChangeCapabilities: listOf(text),
  PowerChangeCapabilities: listOf(named(POWER_CHANGE_CAPABILITIES)),
  PowerStatesSupported: listOf(integer),
  RequestedPowerStatesSupported: listOf(integer),
});

/** What every service of AMT says of itself. */
const service = {
  CreationClassName: text,
  ElementName: text,
  EnabledState: named(ENABLED_STATES),
  Name: text,
  RequestedState: named(REQUESTED_STATES),
  SystemCreationClassName: text,
  SystemName: text,
} as const;

export const CIM_PowerManagementService = defineClass('CIM_PowerManagementService', service);

/** IPS_PowerManagementService.OSPowerSavingState. */
export const OS_POWER_SAVING_STATES = { 0: 'unknown', 1: 'unsupported', 2: 'full power', 3: 'os power saving' } as const;

/** Whether an operating system that only sleeps lightly (Modern Standby) is awake. From AMT 10 on. */
export const IPS_PowerManagementService = defineClass('IPS_PowerManagementService', {
  ...service,
  OSPowerSavingState: named(OS_POWER_SAVING_STATES),
});
