/**
 * A client of Intel AMT devices over WS-Management: power, the next boot, inventory, logs, clock, user consent and settings in typed calls, and
 * WS-Management itself for the rest. Works without the conductor.
 * @packageDocumentation
 */
export { composeAmtClient, createAmtClient } from './amt-client.js';
export type { AmtCallSettings, AmtClient, AmtClientSettings } from './amt-client.js';

// The parts of a client, for programs that want to carry no more than they use.
export { createWsman } from './wsman/index.js';
export { createPowerCalls } from './power/index.js';
export { createBootCalls } from './boot/index.js';
export { createInventoryCalls } from './inventory/index.js';
export { createLogCalls } from './logs/index.js';
export { createClockCalls } from './clock/index.js';
export { createConsentCalls } from './consent/index.js';
export { createSettingsCalls } from './settings/index.js';

export { PT_STATUS, WSMAN_PORTS } from './wsman/index.js';
export type {
  Wsman, WsmanCallOptions, WsmanClient, WsmanCounters, WsmanElement, WsmanField, WsmanFields, WsmanProtocol, WsmanReference, WsmanSettings, WsmanValue,
} from './wsman/index.js';

export { AMT_POWER_TARGETS, describePower, isAsleep, planPower, POWER_REQUESTS } from './power/index.js';
export type {
  AmtPowerChange, AmtPowerRequest, AmtPowerStatus, AmtPowerTarget, BootProgress, PowerCalls, PowerChangeOptions, PowerCondition, PowerEvidence, PowerFacts, PowerPacing,
  PowerPlan, PowerStep,
} from './power/index.js';
export { NEXT_BOOT_DEVICES } from './boot/index.js';
export type { BootCalls, BootCapabilities, BootSource, NextBoot, NextBootDevice, NextBootOptions, NextBootReport } from './boot/index.js';
export { platformUuid } from './inventory/index.js';
export type {
  AmtInventory, BiosPart, ChassisPart, FirmwareVersions, InventoryCalls, MediaDevice, MemoryModule, Nameplate, PartCalls, ProcessorChip, ProcessorPart,
  SystemPart,
} from './inventory/index.js';
export type { AuditLogStatus, AuditRecord, EventLogStatus, EventRecord, LogCalls, UnreadableRecord } from './logs/index.js';
export type { Alarm, ClockCalls, DeviceTime, NewAlarm, Synchronisation, TimeSource } from './clock/index.js';
export type { ConsentCalls, ConsentReading } from './consent/index.js';
export type {
  AmtTlsSettings, ControlMode, EnvironmentDetection, GeneralSettings, KvmSettings, NetworkPort, PowerPackage, PowerPackages, RedirectionSettings,
  SettingsCalls, TlsInterfaceSettings, UserConnection,
} from './settings/index.js';

// For classes that the typed calls do not cover: `amtClasses.getInstance(client.wsman, table)` reads any class by a table made like these.
export * as amtClasses from './classes/index.js';
