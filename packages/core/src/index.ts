export { FerricError, FERRIC_ERROR_CODES, errorCode, toFerricError } from './errors/ferric-error.js';
export type { FerricErrorCode, FerricErrorOptions } from './errors/ferric-error.js';
export { invalidOptions, optionIssues, printValue } from './errors/invalid-options.js';
export type { OptionIssue } from './errors/invalid-options.js';

export type { JsonObject, JsonValue } from './json.js';

export { Secret, SECRET_TEXT } from './secrets/secret.js';
export { MASK, isSecretKey, maskSealed, maskText, revealSealed, sealSecrets } from './secrets/masking.js';
export type { Sealed, SecretKeyTest } from './secrets/masking.js';

export type { CallOptions } from './time/call-options.js';
export { createClosing } from './time/closing.js';
export type { Closing } from './time/closing.js';
export { systemClock } from './time/clock.js';
export type { Clock, Timer } from './time/clock.js';
export { abortable, abortReason, delay, MAXIMUM_TIMEOUT_MS, throwIfAborted, withDeadline } from './time/deadline.js';
export type { Deadline, DeadlineSettings } from './time/deadline.js';
export { holdingProcess } from './time/holding-process.js';

export { silentLogger, withFields } from './logging/logger.js';
export type { Logger } from './logging/logger.js';

export { formatFrame, TranscriptRecorder, TranscriptReplay } from './transcript/transcript.js';
export type { TranscriptFrame, TranscriptSink } from './transcript/transcript.js';

export { createGate } from './gate/gate.js';
export type { Gate, GateSettings, GateStatus } from './gate/gate.js';
export { createGateRegistry } from './gate/gate-registry.js';
export type { GateRegistry } from './gate/gate-registry.js';

export { describeProperties } from './schema/object-schema.js';
export type { DriverInfoSchema, ObjectSchema } from './schema/object-schema.js';

export { OPTIONAL_CAPABILITIES } from './device/device.js';
export type { Capability, Device } from './device/device.js';
export { POWER_STATES, POWER_TARGETS, STATE_AFTER_TARGET } from './device/power.js';
export type { Power, PowerOutcome, PowerReading, PowerState, PowerTarget } from './device/power.js';
export { BOOT_DEVICES, BOOT_MODES, VIRTUAL_MEDIA_TYPES } from './device/boot.js';
export type { BootDevice, BootDeviceName, BootDeviceSetting, BootMode, BootModeName, HttpBoot, SecureBoot, VirtualMedia, VirtualMediaType } from './device/boot.js';
export type { EventLog, EventLogEntry, Inventory, InventoryReport, Nmi, SensorReading, Sensors } from './device/monitoring.js';
export type { Bios, BiosSetting, Console, ConsoleSession, Firmware, FirmwareComponent, Raid } from './device/configuration.js';
export { INDICATOR_COMPONENTS, INDICATOR_STATES } from './device/indicators.js';
export type { Indicator, IndicatorComponent, Indicators, IndicatorState } from './device/indicators.js';
export { defineVendorMethod } from './device/vendor.js';
export type { Attachment, HttpMethod, VendorMethod, VendorMethods } from './device/vendor.js';
export { orderSteps, STEP_INTERFACE_PRIORITY, STEP_INTERFACES, STEP_KINDS, VERIFY_STEP_INTERFACE_PRIORITY } from './device/step.js';
export type { Step, StepArgument, StepInterface, StepKind } from './device/step.js';

export { anyDriver, CONTRACT, createDeviceMemory } from './driver/driver.js';
export type { AnyDriver, DeviceContext, DeviceMemory, DevicePort, Driver } from './driver/driver.js';
export {
  DEVICE_INTERFACES, EMPTY_IMPLEMENTATIONS, INTERFACES, isEmptyImplementation, isRamdiskImplementation, RAMDISK_IMPLEMENTATIONS, STRATEGY_INTERFACES,
  WORKING_EMPTY_IMPLEMENTATIONS,
} from './driver/interfaces.js';
export type { DeviceInterfaceName, InterfaceName, StrategyInterfaceName } from './driver/interfaces.js';
export { GENERIC_IMPLEMENTATIONS, supportedImplementations } from './driver/hardware-type.js';
export type { HardwareType, HardwareTypeAlias } from './driver/hardware-type.js';
export { enabledImplementations, selectInterface } from './driver/select-interface.js';
export type { InstalledImplementations } from './driver/select-interface.js';
export { RAMDISK_PURPOSES } from './driver/strategy.js';
export type {
  BootStrategy, ConfigDriveContent, DeployStrategy, FoundInventory, FoundPort, InspectStrategy, NetworkPhase, NetworkStrategy, NodeChanges,
  RamdiskPurpose, RescueStrategy, StepSequence, StorageStrategy, Strategy, StrategyByInterface, StrategyResult, StrategyServices, StrategyStep, Task,
  Vif, VifRequest,
} from './driver/strategy.js';
export type { BootMedium, MediaServices, Medium, ParametersMedium } from './driver/media-services.js';
export type { FerricPlugin, PluginHost, PluginParts } from './driver/plugin.js';

export { FAULTS } from './node/node.js';
export type { Fault as NodeFault, Node, NodeInterfaces, NodePowerState, NodeView, SealedObject } from './node/node.js';
export type { Port, PortView } from './node/port.js';
export type { Portgroup, PortgroupView } from './node/portgroup.js';
export { askedBootMode, asksForSecureBoot, capabilityOf, readCapabilities, withCapability } from './node/capabilities.js';
export { isMulticastMacAddress, macAddressBytes, normalizeMacAddress } from './node/mac-address.js';
export { isUuid, isValidNodeName, RESERVED_NODE_NAMES } from './node/names.js';

export { PROVISION_EVENTS, PROVISION_STATES, toProvisionState } from './provisioning/states.js';
export type { ProvisionEvent, ProvisionState } from './provisioning/states.js';
export { STATE_MACHINE } from './provisioning/machine.js';
export type { StateRow } from './provisioning/machine.js';
export { nextState, transition } from './provisioning/transition.js';
export type { ProvisionPosition } from './provisioning/transition.js';
export * from './provisioning/groups.js';
export { PROVISION_VERBS } from './provisioning/verbs.js';
export type { ProvisionVerb } from './provisioning/verbs.js';

export { createFaultSwitchboard } from './virtual-device/fault-switches.js';
export type { FaultSwitchboard } from './virtual-device/fault-switches.js';
export { createPowerSwitch } from './virtual-device/power-switch.js';
export type { PowerSwitch } from './virtual-device/power-switch.js';
export { FAULT_KINDS } from './virtual-device/virtual-device.js';
export type {
  Fault, FaultKind, FaultSwitches, StartVirtualDevice, VirtualDevice, VirtualDeviceActivity, VirtualDeviceOptions, VirtualMachineState, PowerChange,
} from './virtual-device/virtual-device.js';
