import type {
  NmAction, NmBootMode, NmControlScope, NmCpuCorrection, NmDay, NmDomain, NmPolicyDomain, NmPowerDomain, NmResettableStatistic, NmStatistic,
  NmStatisticsScope, NmStorage, NmTrigger,
} from './nm-words.js';

/** Where a Node Manager is to be found, as its record in the SDR repository tells. */
export interface NodeManagerLocation {
  /** Address on its bus in the 8-bit form: `0x2c`. */
  readonly slaveAddress: number;
  /** Channel of that bus, 0..15. */
  readonly channel: number;
  /** Logical unit, 0..3. Default 0. */
  readonly lun?: number;
  /** Numbers of its sensors where the record tells them. The order is that of FreeIPMI, and not verified. */
  readonly sensors?: NodeManagerSensors;
}

export interface NodeManagerSensors {
  readonly health: number;
  readonly exception: number;
  readonly operationalCapabilities: number;
  readonly alertThreshold: number;
}

export interface NmVersion {
  /** Of Node Manager: `3.0`, or `unknown`. */
  readonly nm: string;
  /** Of its IPMI interface: `3.0`, or `unknown`. */
  readonly ipmi: string;
  readonly patch: string;
  /** `1.2` */
  readonly firmware: string;
}

export interface NmCapabilitiesQuery {
  readonly domainId: NmPolicyDomain;
  readonly policyTrigger: NmTrigger;
  readonly powerDomain: NmPowerDomain;
}

export interface NmCapabilities {
  readonly domainId: NmDomain;
  readonly powerDomain: NmPowerDomain;
  readonly maxPolicies: number;
  /** Limits of the target; watts, percent or degrees Celsius as the trigger that was asked for. */
  readonly maxLimitValue: number;
  readonly minLimitValue: number;
  /** Milliseconds. */
  readonly minCorrectionTime: number;
  readonly maxCorrectionTime: number;
  /** Seconds. */
  readonly minReportingPeriod: number;
  readonly maxReportingPeriod: number;
}

/** Which policy is meant. */
export interface NmPolicyKey {
  readonly domainId: NmPolicyDomain;
  /** 0..255 */
  readonly policyId: number;
}

export interface NmControl {
  readonly scope: NmControlScope;
  readonly enable: boolean;
  /** Needed with the scope `domain`; default `platform` with the scope `policy`. */
  readonly domainId?: NmPolicyDomain;
  /** 0..255. Needed with the scope `policy`. */
  readonly policyId?: number;
}

/** What a boot policy does instead of limiting power. */
export interface NmBootLimit {
  readonly bootMode: NmBootMode;
  /** Cores that stay off, 0..127. */
  readonly coresDisabled: number;
}

export interface NmPolicy extends NmPolicyKey {
  readonly enable: boolean;
  readonly policyTrigger: NmTrigger;
  readonly action: NmAction;
  readonly powerDomain: NmPowerDomain;
  /**
   * What is to be kept, 0..65535: watts; percent of throttling with the trigger `power`, where 100 is the most. With the trigger
   * `boot`, and only there, a {@link NmBootLimit}. Source of the units: FreeIPMI 1.6.10, ipmi-oem(8).
   */
  readonly targetLimit: number | NmBootLimit;
  /** Time to come back to the limit before the action is taken. Milliseconds, default 10000. Not used with the trigger `boot`. */
  readonly correctionTime?: number;
  /**
   * What sets off the trigger, 0..65535: degrees Celsius with `temperature`, tenths of a second with `power` and `reset`.
   * Needed with these three; not used with `none` and `boot`. Source of the units: FreeIPMI 1.6.10, ipmi-oem(8) and the bytes it sends.
   */
  readonly triggerLimit?: number;
  /** Over which time power is averaged for reports. Seconds, 0..65535. */
  readonly reportingPeriod: number;
  /** Default `auto`. */
  readonly cpuPowerCorrection?: NmCpuCorrection;
  /** Default `persistent`. */
  readonly storage?: NmStorage;
}

/** A policy as Node Manager tells it. */
export interface NmPolicyState {
  readonly domainId: NmDomain;
  readonly enabled: boolean;
  readonly perDomainEnabled: boolean;
  readonly globalEnabled: boolean;
  /** False: somebody else made it. */
  readonly createdByNm: boolean;
  readonly policyTrigger: NmTrigger;
  readonly powerPolicy: boolean;
  readonly cpuPowerCorrection: NmCpuCorrection;
  readonly storage: NmStorage;
  readonly action: NmAction;
  readonly powerDomain: NmPowerDomain;
  readonly targetLimit: number | NmBootLimit;
  readonly correctionTime: number;
  readonly triggerLimit: number;
  readonly reportingPeriod: number;
}

/** A time of the day in which a policy rests. */
export interface NmSuspendPeriod {
  /** In units of 6 minutes since midnight, 0..239. */
  readonly start: number;
  /** In units of 6 minutes since midnight, 0..240. */
  readonly stop: number;
  /** At least one, none twice. */
  readonly days: readonly NmDay[];
}

/** All suspend periods of a policy, 1 to 5. Setting them replaces those before. */
export interface NmPolicySuspend extends NmPolicyKey {
  readonly periods: readonly NmSuspendPeriod[];
}

export interface NmStatisticsQuery {
  readonly scope: NmStatisticsScope;
  /** Of the scope: with `global` the eleven of a domain and of Node Manager itself, with `policy` `power`, `trigger` and `throttling`. */
  readonly parameterName: NmStatistic;
  /** Needed unless the parameter is one that can be reset alone. */
  readonly domainId?: NmDomain;
  /** 0..255. Needed with the scope `policy`. */
  readonly policyId?: number;
}

/** Units: watts for power, degrees Celsius for temperatures, percent for throttling. */
export interface NmStatistics {
  readonly domainId: NmDomain;
  readonly currentValue: number;
  readonly minimumValue: number;
  readonly maximumValue: number;
  readonly averageValue: number;
  /** Null when the clock of the controller is not set. Its zone is not known; it is taken as UTC. */
  readonly timestamp: Date | null;
  /** Seconds. */
  readonly reportingPeriod: number;
  readonly administrativeEnabled: boolean;
  readonly operationalState: boolean;
  readonly measurementState: boolean;
  readonly activationState: boolean;
}

export interface NmStatisticsReset {
  readonly scope: NmStatisticsScope;
  /** Only with the scope `global`: resets this one and nothing else. */
  readonly parameterName?: NmResettableStatistic;
  /** Needed unless a parameter is named. */
  readonly domainId?: NmDomain;
  /** 0..255. Needed with the scope `policy`. */
  readonly policyId?: number;
}
