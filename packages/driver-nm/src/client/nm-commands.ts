import { FerricError, type CallOptions } from '@ferric/core';
import type { IpmiRequest, RequestCarrier } from '@ferric/ipmi-raw-buffer';
import { decodeCapabilities, decodePeriods, decodePolicy, decodeStatistics, decodeVersion, unexpectedAnswer } from './nm-answers.js';
import { type NmMethodName, nmArguments, type NmRequests } from './nm-arguments.js';
import { nmCompletionError } from './nm-completion-codes.js';
import {
  encodeCapabilitiesQuery, encodeControl, encodeNothing, encodePolicy, encodePolicyKey, encodePolicyRemoval, encodePolicySuspend,
  encodeStatisticsQuery, encodeStatisticsReset, encodeSuspendRemoval,
} from './nm-requests.js';
import type {
  NmCapabilities, NmCapabilitiesQuery, NmControl, NmPolicy, NmPolicyKey, NmPolicyState, NmPolicySuspend, NmStatistics, NmStatisticsQuery,
  NmStatisticsReset, NmVersion, NodeManagerLocation,
} from './nm-types.js';

/** Network function of group extensions by a manufacturer's number. Source: IPMI 1.5, table 5-1. */
const OEM_GROUP = 0x2e;
/** Intel among the private enterprise numbers, 343, least significant byte first. */
const INTEL = Buffer.of(0x57, 0x01, 0x00);

/** What the methods answer. */
export interface NmAnswers {
  readonly get_nm_version: NmVersion;
  readonly get_nm_capabilities: NmCapabilities;
  readonly control_nm_policy: void;
  readonly set_nm_policy: void;
  readonly get_nm_policy: NmPolicyState;
  readonly remove_nm_policy: void;
  readonly set_nm_policy_suspend: void;
  readonly get_nm_policy_suspend: NmPolicySuspend;
  readonly remove_nm_policy_suspend: void;
  readonly get_nm_statistics: NmStatistics;
  readonly reset_nm_statistics: void;
}

interface NmCommand<Request, Answer> {
  readonly command: number;
  /** For errors and transcripts. */
  readonly step: string;
  readonly encode: (request: Request) => Uint8Array;
  readonly decode: (body: Uint8Array, request: Request) => Answer;
  /** Whether it may be sent again when its answer is lost. */
  readonly repeatable: boolean;
}

function nothing(): void {
  return undefined;
}

/**
 * The eleven methods as commands. Removing a policy is not repeated: the second time there is none, and a removal that worked would be
 * told as a failure. Source of the numbers: FreeIPMI 1.6.10, libfreeipmi/spec/ipmi-cmd-oem-spec.h.
 */
const NM_COMMANDS: { readonly [Name in NmMethodName]: NmCommand<NmRequests[Name], NmAnswers[Name]> } = {
  get_nm_version: { command: 0xca, step: 'Get Node Manager Version', encode: encodeNothing, decode: decodeVersion, repeatable: true },
  get_nm_capabilities: { command: 0xc9, step: 'Get Node Manager Capabilities', encode: encodeCapabilitiesQuery, decode: decodeCapabilities, repeatable: true },
  control_nm_policy: { command: 0xc0, step: 'Enable/Disable Node Manager Policy Control', encode: encodeControl, decode: nothing, repeatable: true },
  set_nm_policy: { command: 0xc1, step: 'Set Node Manager Policy', encode: encodePolicy, decode: nothing, repeatable: true },
  get_nm_policy: { command: 0xc2, step: 'Get Node Manager Policy', encode: encodePolicyKey, decode: decodePolicy, repeatable: true },
  remove_nm_policy: { command: 0xc1, step: 'Remove Node Manager Policy', encode: encodePolicyRemoval, decode: nothing, repeatable: false },
  set_nm_policy_suspend: { command: 0xc5, step: 'Set Node Manager Policy Suspend Periods', encode: encodePolicySuspend, decode: nothing, repeatable: true },
  get_nm_policy_suspend: {
    command: 0xc6,
    step: 'Get Node Manager Policy Suspend Periods',
    encode: encodePolicyKey,
    decode: (body, { domainId, policyId }) => ({ domainId, policyId, periods: decodePeriods(body) }),
    repeatable: true,
  },
  remove_nm_policy_suspend: { command: 0xc5, step: 'Remove Node Manager Policy Suspend Periods', encode: encodeSuspendRemoval, decode: nothing, repeatable: true },
  get_nm_statistics: { command: 0xc8, step: 'Get Node Manager Statistics', encode: encodeStatisticsQuery, decode: decodeStatistics, repeatable: true },
  reset_nm_statistics: { command: 0xc7, step: 'Reset Node Manager Statistics', encode: encodeStatisticsReset, decode: nothing, repeatable: true },
};

/** The request as it goes to the controller of Node Manager. */
export function nmRequest<Name extends NmMethodName>(location: NodeManagerLocation, name: Name, request: NmRequests[Name]): IpmiRequest {
  const { command, encode } = NM_COMMANDS[name];
  return {
    netFn: OEM_GROUP,
    lun: location.lun ?? 0,
    command,
    data: Buffer.concat([INTEL, encode(request)]),
    bridge: [{ channel: location.channel, address: location.slaveAddress }],
  };
}

/** How every answer of a Node Manager begins, in the words of the error. */
const INTEL_FIRST = "Intel's number (57 01 00) at the beginning";

/** Whether it was somebody else than a Node Manager who answered that the request was carried out. */
export function isAnswerOfAnother(error: unknown): boolean {
  return FerricError.is(error) && error.code === 'PROTOCOL_FAULT' && error.details['expected'] === INTEL_FIRST;
}

/** What follows the manufacturer in an answer, decoded. @throws FerricError PROTOCOL_FAULT */
export function decodeNmAnswer<Name extends NmMethodName>(name: Name, data: Uint8Array, request: NmRequests[Name]): NmAnswers[Name] {
  const { step, decode } = NM_COMMANDS[name];
  if (!INTEL.equals(data.subarray(0, INTEL.length))) throw unexpectedAnswer(step, INTEL_FIRST, data);
  return decode(data.subarray(INTEL.length), request);
}

const camelCase = (field: string): string => field;

/**
 * Calls one method of the Node Manager at this location, through its BMC. The request is checked before anything is sent.
 * @throws INVALID_OPTIONS naming the field; NOT_FOUND for a policy that is not there; REFUSED for what this machine cannot do;
 * UNSUPPORTED when there is no Node Manager at the location; PROTOCOL_FAULT; what the carrier throws
 */
export async function callNodeManager<Name extends NmMethodName>(
  bmc: RequestCarrier,
  location: NodeManagerLocation,
  name: Name,
  request: NmRequests[Name],
  options: CallOptions = {},
): Promise<NmAnswers[Name]> {
  const { step, repeatable } = NM_COMMANDS[name];
  const checked = nmArguments(name, { subject: step, naming: camelCase, strict: false }).parse(request);
  const sent = nmRequest(location, name, checked);
  const { completionCode, data } = await bmc.raw(sent, { ...options, step, repeatable });
  if (completionCode !== 0) throw nmCompletionError(sent, completionCode, bmc.address, step);
  return atAddress(bmc.address, () => decodeNmAnswer(name, data, checked));
}

/** Decoders know no address; the reader of their error wants it. */
function atAddress<T>(address: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!FerricError.is(error)) throw error;
    throw new FerricError(error.code, error.message, { cause: error, details: { address, ...error.details } });
  }
}

/** Asks for the versions of Node Manager, its IPMI interface and its firmware. Errors as of {@link callNodeManager}. */
export function getNmVersion(bmc: RequestCarrier, nm: NodeManagerLocation, options?: CallOptions): Promise<NmVersion> {
  return callNodeManager(bmc, nm, 'get_nm_version', {}, options);
}

/** Asks for the limits that policies of a domain, trigger and power domain have to keep. Errors as of {@link callNodeManager}. */
export function getNmCapabilities(bmc: RequestCarrier, nm: NodeManagerLocation, query: NmCapabilitiesQuery, options?: CallOptions): Promise<NmCapabilities> {
  return callNodeManager(bmc, nm, 'get_nm_capabilities', query, options);
}

/** Enables or disables Node Manager, one domain or one policy. Idempotent. Errors as of {@link callNodeManager}. */
export function controlNmPolicy(bmc: RequestCarrier, nm: NodeManagerLocation, control: NmControl, options?: CallOptions): Promise<void> {
  return callNodeManager(bmc, nm, 'control_nm_policy', control, options);
}

/** Makes a policy, or changes the one of this id. Idempotent. Errors as of {@link callNodeManager}. */
export function setNmPolicy(bmc: RequestCarrier, nm: NodeManagerLocation, policy: NmPolicy, options?: CallOptions): Promise<void> {
  return callNodeManager(bmc, nm, 'set_nm_policy', policy, options);
}

/** Reads a policy. Throws NOT_FOUND when there is none of this id; else errors as of {@link callNodeManager}. */
export function getNmPolicy(bmc: RequestCarrier, nm: NodeManagerLocation, key: NmPolicyKey, options?: CallOptions): Promise<NmPolicyState> {
  return callNodeManager(bmc, nm, 'get_nm_policy', key, options);
}

/** Removes a policy; sent once, never repeated. Throws NOT_FOUND when there is none of this id; else errors as of {@link callNodeManager}. */
export function removeNmPolicy(bmc: RequestCarrier, nm: NodeManagerLocation, key: NmPolicyKey, options?: CallOptions): Promise<void> {
  return callNodeManager(bmc, nm, 'remove_nm_policy', key, options);
}

/** Sets when a policy rests, in place of the periods before. Idempotent. Errors as of {@link callNodeManager}. */
export function setNmPolicySuspend(bmc: RequestCarrier, nm: NodeManagerLocation, suspend: NmPolicySuspend, options?: CallOptions): Promise<void> {
  return callNodeManager(bmc, nm, 'set_nm_policy_suspend', suspend, options);
}

/** Reads when a policy rests; a policy may have no period. Errors as of {@link callNodeManager}. */
export function getNmPolicySuspend(bmc: RequestCarrier, nm: NodeManagerLocation, key: NmPolicyKey, options?: CallOptions): Promise<NmPolicySuspend> {
  return callNodeManager(bmc, nm, 'get_nm_policy_suspend', key, options);
}

/** Lets a policy rest no more. Idempotent. Errors as of {@link callNodeManager}. */
export function removeNmPolicySuspend(bmc: RequestCarrier, nm: NodeManagerLocation, key: NmPolicyKey, options?: CallOptions): Promise<void> {
  return callNodeManager(bmc, nm, 'remove_nm_policy_suspend', key, options);
}

/** Reads one statistic of a domain, of a policy, or of Node Manager itself. Errors as of {@link callNodeManager}. */
export function getNmStatistics(bmc: RequestCarrier, nm: NodeManagerLocation, query: NmStatisticsQuery, options?: CallOptions): Promise<NmStatistics> {
  return callNodeManager(bmc, nm, 'get_nm_statistics', query, options);
}

/** Begins statistics anew: all of a domain or of a policy, or one of Node Manager itself. Errors as of {@link callNodeManager}. */
export function resetNmStatistics(bmc: RequestCarrier, nm: NodeManagerLocation, reset: NmStatisticsReset, options?: CallOptions): Promise<void> {
  return callNodeManager(bmc, nm, 'reset_nm_statistics', reset, options);
}
