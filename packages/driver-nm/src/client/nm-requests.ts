import { DEFAULT_CORRECTION_TIME_MS } from './nm-fields.js';
import type {
  NmBootLimit, NmCapabilitiesQuery, NmControl, NmPolicy, NmPolicyKey, NmPolicySuspend, NmStatisticsQuery, NmStatisticsReset, NmSuspendPeriod,
} from './nm-types.js';
import {
  NM_ACTIONS, NM_BOOT_MODES, NM_CONTROL_SCOPES, NM_CPU_CORRECTIONS, NM_DAYS, NM_DOMAINS, NM_POWER_DOMAINS, NM_RESET_SCOPES, NM_STATISTICS,
  NM_STORAGES, NM_TRIGGERS,
} from './nm-words.js';

/*
 * The bodies of the requests, that is what follows the manufacturer. Pure; what they are given was checked before.
 * Sources: FreeIPMI 1.6.10, libfreeipmi/cmds/ipmi-oem-intel-node-manager-cmds.c; ironic-staging-drivers, intel_nm/nm_commands.py.
 */

/** In byte 0 of a policy: it acts at once. */
const POLICY_ENABLED = 0x10;
/** In byte 2 of Set Policy: add or change; without it the policy is removed. */
const ADD_POLICY = 0x10;
/** In byte 1 of Get Capabilities: a policy of power control, the one type there is. */
const POWER_CONTROL = 0x10;
/** Length of Set Policy. */
const POLICY_LENGTH = 14;

export function encodeNothing(): Uint8Array {
  return new Uint8Array(0);
}

export function encodeCapabilitiesQuery({ domainId, policyTrigger, powerDomain }: NmCapabilitiesQuery): Uint8Array {
  return Uint8Array.of(NM_DOMAINS[domainId], NM_TRIGGERS[policyTrigger] | POWER_CONTROL | NM_POWER_DOMAINS[powerDomain]);
}

export function encodePolicyKey({ domainId, policyId }: NmPolicyKey): Uint8Array {
  return Uint8Array.of(NM_DOMAINS[domainId], policyId);
}

/** Ids that the scope does not use are 0. A policy without domain is one of the platform. */
export function encodeControl({ scope, enable, domainId = 'platform', policyId = 0 }: NmControl): Uint8Array {
  const flags = NM_CONTROL_SCOPES[scope] + (enable ? 1 : 0);
  return Uint8Array.of(flags, scope === 'global' ? 0 : NM_DOMAINS[domainId], scope === 'policy' ? policyId : 0);
}

export function encodePolicy(policy: NmPolicy): Uint8Array {
  const { policyTrigger, cpuPowerCorrection = 'auto', storage = 'persistent', correctionTime = DEFAULT_CORRECTION_TIME_MS } = policy;
  const isBoot = policyTrigger === 'boot';
  const body = Buffer.alloc(POLICY_LENGTH);
  body[0] = NM_DOMAINS[policy.domainId] | (policy.enable ? POLICY_ENABLED : 0);
  body[1] = policy.policyId;
  body[2] = NM_TRIGGERS[policyTrigger] | NM_CPU_CORRECTIONS[cpuPowerCorrection] | NM_STORAGES[storage] | ADD_POLICY;
  body[3] = NM_ACTIONS[policy.action] | NM_POWER_DOMAINS[policy.powerDomain];
  body.writeUInt16LE(typeof policy.targetLimit === 'number' ? policy.targetLimit : packBootLimit(policy.targetLimit), 4);
  body.writeUInt32LE(isBoot ? 0 : correctionTime, 6);
  body.writeUInt16LE(isBoot || policyTrigger === 'none' ? 0 : (policy.triggerLimit ?? 0), 10);
  body.writeUInt16LE(policy.reportingPeriod, 12);
  return body;
}

function packBootLimit({ bootMode, coresDisabled }: NmBootLimit): number {
  return NM_BOOT_MODES[bootMode] | (coresDisabled << 1);
}

/** Set Policy without its flag "add"; the rest has no meaning then. */
export function encodePolicyRemoval({ domainId, policyId }: NmPolicyKey): Uint8Array {
  const body = new Uint8Array(POLICY_LENGTH);
  body[0] = NM_DOMAINS[domainId];
  body[1] = policyId;
  return body;
}

export function encodePolicySuspend({ domainId, policyId, periods }: NmPolicySuspend): Uint8Array {
  return Uint8Array.of(NM_DOMAINS[domainId], policyId, periods.length, ...periods.flatMap(encodePeriod));
}

function encodePeriod({ start, stop, days }: NmSuspendPeriod): readonly number[] {
  return [start, stop, days.reduce((bits, day) => bits | NM_DAYS[day], 0)];
}

export function encodeSuspendRemoval({ domainId, policyId }: NmPolicyKey): Uint8Array {
  return Uint8Array.of(NM_DOMAINS[domainId], policyId, 0);
}

export function encodeStatisticsQuery({ scope, parameterName, domainId = 'platform', policyId = 0 }: NmStatisticsQuery): Uint8Array {
  const modes: Readonly<Record<string, number>> = NM_STATISTICS[scope];
  return Uint8Array.of(modes[parameterName] ?? 0, NM_DOMAINS[domainId], scope === 'policy' ? policyId : 0);
}

export function encodeStatisticsReset({ scope, parameterName, domainId = 'platform', policyId = 0 }: NmStatisticsReset): Uint8Array {
  const mode = parameterName === undefined ? NM_RESET_SCOPES[scope] : NM_STATISTICS.global[parameterName];
  return Uint8Array.of(mode, NM_DOMAINS[domainId], scope === 'policy' ? policyId : 0);
}
