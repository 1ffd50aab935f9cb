import { FerricError } from '@ferric/core';
import type { NmBootLimit, NmCapabilities, NmPolicyState, NmStatistics, NmSuspendPeriod, NmVersion } from './nm-types.js';
import {
  NM_BOOT_MODES, NM_CPU_CORRECTIONS, NM_DAYS, NM_DOMAINS, NM_IPMI_VERSIONS, NM_POWER_DOMAINS, NM_STORAGES, NM_TRIGGERS, NM_VERSIONS,
  type NmDay,
} from './nm-words.js';

/*
 * Decoders of the answers' bodies, that is of what follows completion code and manufacturer. Pure: a value, or PROTOCOL_FAULT.
 * Bytes behind the specified ones are left aside. Sources: as of the requests.
 */

/** Timestamps up to this one count from the start of the controller. Source: IPMI 1.5, section 31.1. */
const LAST_RELATIVE_SECOND = 0x2000_0000;
const UNSPECIFIED_TIME = 0xffff_ffff;
/** Of an answer, as many bytes are shown in an error. */
const MOST_BYTES_SHOWN = 32;

/** The error for an answer that makes no sense. */
export function unexpectedAnswer(step: string, expected: string, body: Uint8Array): FerricError {
  const shown = Buffer.from(body.subarray(0, MOST_BYTES_SHOWN)).toString('hex');
  return new FerricError('PROTOCOL_FAULT', `${step}: Node Manager answered something else than ${expected}`, {
    details: { step, expected, received: body.length > MOST_BYTES_SHOWN ? `${shown}...` : shown },
  });
}

function atLeast(step: string, length: number, body: Uint8Array): Buffer {
  if (body.length < length) throw unexpectedAnswer(step, `at least ${length} bytes`, body);
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

type Table = Readonly<Record<string, number>>;

/** The word of a number in a table of words. */
function wordOf<Words extends Table>(step: string, words: Words, value: number, what: string, body: Uint8Array): keyof Words & string {
  const found = Object.keys(words).find((word) => words[word] === value);
  if (found === undefined) throw unexpectedAnswer(step, `a ${what} that is known`, body);
  return found;
}

/**
 * ironic-staging-drivers takes bit 0 for "shut down"; FreeIPMI 1.6.10 reads bit 0 as "send an alert" and bit 1 as "shut down". A policy that may
 * shut the machine down by either is told as one that does.
 */
const SHUTDOWN_BITS = 0x03;

const isSet = (byte: number, bit: number): boolean => (byte & bit) !== 0;

export function decodeVersion(body: Uint8Array): NmVersion {
  const bytes = atLeast('Get Version', 5, body);
  return {
    nm: NM_VERSIONS.get(bytes.readUInt8(0)) ?? 'unknown',
    ipmi: NM_IPMI_VERSIONS.get(bytes.readUInt8(1)) ?? 'unknown',
    patch: String(bytes.readUInt8(2)),
    firmware: `${bytes.readUInt8(3)}.${bytes.readUInt8(4)}`,
  };
}

export function decodeCapabilities(body: Uint8Array): NmCapabilities {
  const step = 'Get Capabilities';
  const bytes = atLeast(step, 18, body);
  return {
    domainId: wordOf(step, NM_DOMAINS, bytes.readUInt8(17) & 0x0f, 'domain', body),
    powerDomain: wordOf(step, NM_POWER_DOMAINS, bytes.readUInt8(17) & 0x80, 'power domain', body),
    maxPolicies: bytes.readUInt8(0),
    maxLimitValue: bytes.readUInt16LE(1),
    minLimitValue: bytes.readUInt16LE(3),
    minCorrectionTime: bytes.readUInt32LE(5),
    maxCorrectionTime: bytes.readUInt32LE(9),
    minReportingPeriod: bytes.readUInt16LE(13),
    maxReportingPeriod: bytes.readUInt16LE(15),
  };
}

export function decodePolicy(body: Uint8Array): NmPolicyState {
  const step = 'Get Policy';
  const bytes = atLeast(step, 13, body);
  const [state, kind, action] = [bytes.readUInt8(0), bytes.readUInt8(1), bytes.readUInt8(2)];
  const policyTrigger = wordOf(step, NM_TRIGGERS, kind & 0x0f, 'trigger', body);
  const limit = bytes.readUInt16LE(3);
  return {
    domainId: wordOf(step, NM_DOMAINS, state & 0x0f, 'domain', body),
    enabled: isSet(state, 0x10),
    perDomainEnabled: isSet(state, 0x20),
    globalEnabled: isSet(state, 0x40),
    createdByNm: !isSet(state, 0x80),
    policyTrigger,
    powerPolicy: isSet(kind, 0x10),
    cpuPowerCorrection: wordOf(step, NM_CPU_CORRECTIONS, kind & 0x60, 'correction', body),
    storage: wordOf(step, NM_STORAGES, kind & 0x80, 'storage', body),
    action: (action & SHUTDOWN_BITS) === 0 ? 'alert' : 'shutdown',
    powerDomain: wordOf(step, NM_POWER_DOMAINS, action & 0x80, 'power domain', body),
    targetLimit: policyTrigger === 'boot' ? unpackBootLimit(limit) : limit,
    correctionTime: bytes.readUInt32LE(5),
    triggerLimit: bytes.readUInt16LE(9),
    reportingPeriod: bytes.readUInt16LE(11),
  };
}

function unpackBootLimit(limit: number): NmBootLimit {
  return { bootMode: (limit & 1) === NM_BOOT_MODES.performance ? 'performance' : 'power', coresDisabled: (limit >> 1) & 0x7f };
}

export function decodePeriods(body: Uint8Array): readonly NmSuspendPeriod[] {
  const step = 'Get Policy Suspend Periods';
  const count = atLeast(step, 1, body).readUInt8(0);
  const bytes = atLeast(step, 1 + 3 * count, body);
  return Array.from({ length: count }, (_, index) => {
    const at = 1 + 3 * index;
    const days = bytes.readUInt8(at + 2);
    return { start: bytes.readUInt8(at), stop: bytes.readUInt8(at + 1), days: (Object.keys(NM_DAYS) as NmDay[]).filter((day) => isSet(days, NM_DAYS[day])) };
  });
}

export function decodeStatistics(body: Uint8Array): NmStatistics {
  const step = 'Get Statistics';
  const bytes = atLeast(step, 17, body);
  const state = bytes.readUInt8(16);
  const seconds = bytes.readUInt32LE(8);
  return {
    domainId: wordOf(step, NM_DOMAINS, state & 0x0f, 'domain', body),
    currentValue: bytes.readUInt16LE(0),
    minimumValue: bytes.readUInt16LE(2),
    maximumValue: bytes.readUInt16LE(4),
    averageValue: bytes.readUInt16LE(6),
    timestamp: seconds === UNSPECIFIED_TIME || seconds <= LAST_RELATIVE_SECOND ? null : new Date(seconds * 1000),
    reportingPeriod: bytes.readUInt32LE(12),
    administrativeEnabled: isSet(state, 0x10),
    operationalState: isSet(state, 0x20),
    measurementState: isSet(state, 0x40),
    activationState: isSet(state, 0x80),
  };
}
