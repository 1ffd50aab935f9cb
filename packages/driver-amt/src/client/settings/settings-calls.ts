import { type CallOptions, withDeadline } from '@ferric/core';
import type { AmtCallParts } from '../call-parts.js';
import {
  AMT_EnvironmentDetectionSettingData, AMT_EthernetPortSettings, AMT_GeneralSettings, AMT_RedirectionService, AMT_SetupAndConfigurationService,
  AMT_SystemPowerScheme, AMT_TLSSettingData, AMT_UserInitiatedConnectionService, CIM_ElementSettingData, CIM_KVMRedirectionSAP,
  type DETECTION_ALGORITHMS, IPS_KVMRedirectionSettingData, type USER_CONNECTION_STATES,
} from '../classes/amt-settings.js';
import { getInstance, listInstances, unlessMissing } from '../classes/class-calls.js';
import { present } from '../classes/present.js';
import type { Named } from '../classes/value-readers.js';
import type { Wsman } from '../wsman/wsman.js';
import { type ControlMode, toControlMode } from './control-mode.js';
import { type GeneralSettings, toGeneralSettings } from './general.js';
import { type NetworkPort, toNetworkPort } from './network-ports.js';
import { type PowerPackages, toPowerPackages } from './power-scheme.js';
import {
  type AmtTlsSettings, type KvmSettings, type RedirectionSettings, toKvmSettings, toRedirectionSettings, toTlsSettings,
} from './remote-access.js';

/** How the device finds out whether it is inside the network of its owner. */
export interface EnvironmentDetection {
  readonly algorithm?: Named<typeof DETECTION_ALGORITHMS>;
  /** Domains of the owner's network; an empty list switches the detection off. */
  readonly domains: readonly string[];
}

/** From where the user of the machine may ask for help. */
export interface UserConnection {
  readonly state: Named<typeof USER_CONNECTION_STATES>;
  readonly fromBios: boolean;
  readonly fromOperatingSystem: boolean;
}

/** Settings of the management engine. Nothing here changes them. A device that does not have the class answers NOT_FOUND. */
export interface SettingsCalls {
  readGeneral(options?: CallOptions): Promise<GeneralSettings>;
  readControlMode(options?: CallOptions): Promise<ControlMode>;
  readTls(options?: CallOptions): Promise<AmtTlsSettings>;
  readRedirection(options?: CallOptions): Promise<RedirectionSettings>;
  readKvm(options?: CallOptions): Promise<KvmSettings>;
  readNetworkPorts(options?: CallOptions): Promise<readonly NetworkPort[]>;
  /** When the management engine runs while the machine is off or asleep. */
  readPowerPackages(options?: CallOptions): Promise<PowerPackages>;
  readEnvironmentDetection(options?: CallOptions): Promise<EnvironmentDetection>;
  readUserConnection(options?: CallOptions): Promise<UserConnection>;
}

/** Two classes, each one or more exchanges. Milliseconds. */
const TWO_CLASSES_MS = 120_000;

export function createSettingsCalls(wsman: Wsman, { clock }: AmtCallParts): SettingsCalls {
  return {
    readGeneral: async (options) => toGeneralSettings(await getInstance(wsman, AMT_GeneralSettings, options)),
    readControlMode: async (options) => toControlMode(await getInstance(wsman, AMT_SetupAndConfigurationService, options)),
    readTls: async (options) => toTlsSettings(await listInstances(wsman, AMT_TLSSettingData, options)),
    readRedirection: async (options) => toRedirectionSettings(await getInstance(wsman, AMT_RedirectionService, options)),
    readKvm: (options) =>
      withDeadline(options, { what: 'reading the settings of KVM', defaultTimeoutMs: TWO_CLASSES_MS, clock }, async ({ signal }) => {
        const accessPoint = await getInstance(wsman, CIM_KVMRedirectionSAP, { signal });
        return toKvmSettings(accessPoint, await unlessMissing(getInstance(wsman, IPS_KVMRedirectionSettingData, { signal })));
      }),
    readNetworkPorts: async (options) => (await listInstances(wsman, AMT_EthernetPortSettings, options)).map(toNetworkPort),
    readPowerPackages: (options) =>
      withDeadline(options, { what: 'reading the power packages', defaultTimeoutMs: TWO_CLASSES_MS, clock }, async ({ signal }) => {
        const schemes = await listInstances(wsman, AMT_SystemPowerScheme, { signal });
        return toPowerPackages(schemes, await unlessMissing(listInstances(wsman, CIM_ElementSettingData, { signal })));
      }),
    async readEnvironmentDetection(options) {
      const instance = await getInstance(wsman, AMT_EnvironmentDetectionSettingData, options);
      return present({ algorithm: instance.DetectionAlgorithm, domains: instance.DetectionStrings ?? [] });
    },
    async readUserConnection(options) {
      const { EnabledState: state } = await getInstance(wsman, AMT_UserInitiatedConnectionService, options);
      const both = state === 'bios and operating system';
      return { state, fromBios: both || state === 'bios', fromOperatingSystem: both || state === 'operating system' };
    },
  };
}
