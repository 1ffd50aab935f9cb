import type { Measurements } from './measurements.js';
import { isSuspended, type PolicyTable, type VirtualPolicy } from './policy-table.js';

/*
 * A Node Manager that keeps what it is told. Its bytes are its own: none come from the codec of the client. What it refuses and with which
 * code follows FreeIPMI 1.6.10 (ipmi-comp-code-oem-intel-node-manager-spec.h); how firmware behaves beyond that is not known here.
 */

/** What Get Capabilities tells and Set Policy holds policies to; the example of the document of ironic-staging-drivers. */
export const VIRTUAL_LIMITS = {
  policies: 16,
  limit: { minimum: 100, maximum: 4096 },
  correctionTime: { minimum: 10, maximum: 100_000 },
  reportingPeriod: { minimum: 100, maximum: 32_768 },
} as const;

/** Completion codes. */
export const CC = {
  ok: 0x00, noPolicy: 0x80, noDomain: 0x81, unknownTrigger: 0x82, unknownType: 0x83, limitRange: 0x84, correctionRange: 0x85, inconsistentPeriod: 0x85,
  triggerRange: 0x86, tooMany: 0x87, noMode: 0x88, reportingRange: 0x89, badCorrection: 0x8b, invalidCommand: 0xc1, outOfSpace: 0xc4, tooShort: 0xc7, invalidField: 0xcc,
} as const;

/** What a Node Manager remembers. */
export interface VirtualState {
  readonly policies: PolicyTable;
  readonly measurements: Measurements;
  readonly disabledDomains: Set<number>;
  globalEnabled: boolean;
}

/** What a command answers: the bytes behind the manufacturer, or a completion code. */
export type Outcome = readonly number[] | { readonly refused: number };
export interface VirtualCommand {
  /** Bytes that it needs at least. */
  readonly length: number;
  readonly changes: boolean;
  run(state: VirtualState, body: readonly number[], facts: VirtualFacts): Outcome;
}
/** What a Node Manager is. */
export interface VirtualFacts {
  readonly version: readonly number[];
  readonly now: () => Date;
  readonly clockIsSet: boolean;
}

const DOMAINS_OF_POLICIES: ReadonlySet<number> = new Set([0, 1, 2, 4]);
const MODES_OF_DOMAINS: ReadonlySet<number> = new Set([0x01, 0x02, 0x03, 0x04, 0x05, 0x06]);
const MODES_OF_ITSELF: ReadonlySet<number> = new Set([0x1b, 0x1c, 0x1d, 0x1e, 0x1f]);
const MODES_OF_POLICIES: ReadonlySet<number> = new Set([0x11, 0x12, 0x13]);
const DONE: readonly number[] = [];

function refused(completionCode: number): Outcome {
  return { refused: completionCode };
}

function u16(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

function u32(value: number): readonly number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}

function readU16(bytes: readonly number[], at: number): number {
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 0x100;
}

function readU32(bytes: readonly number[], at: number): number {
  return readU16(bytes, at) + readU16(bytes, at + 2) * 0x1_0000;
}

function outside(value: number, { minimum, maximum }: { readonly minimum: number; readonly maximum: number }): boolean {
  return value < minimum || value > maximum;
}

/** The commands by their numbers. */
export const VIRTUAL_COMMANDS: Readonly<Record<number, VirtualCommand>> = {
  0xca: { length: 0, changes: false, run: (_state, _body, { version }) => version },
  0xc9: { length: 2, changes: false, run: (_state, [domain = 0, kind = 0]) => capabilities(domain, kind) },
  0xc0: { length: 3, changes: true, run: (state, body) => control(state, body) },
  0xc1: { length: 14, changes: true, run: (state, body) => setPolicy(state, body) },
  0xc2: { length: 2, changes: false, run: (state, body) => onPolicy(state, body, (policy) => describe(state, policy)) },
  0xc5: { length: 3, changes: true, run: (state, body) => onPolicy(state, body, (policy) => suspend(state, policy, body)) },
  0xc6: { length: 2, changes: false, run: (state, body) => onPolicy(state, body, ({ periods }) => [periods.length / 3, ...periods]) },
  0xc7: { length: 3, changes: true, run: (state, body) => reset(state, body) },
  0xc8: { length: 3, changes: false, run: (state, body, facts) => statistics(state, body, facts) },
};

function capabilities(domain: number, kind: number): Outcome {
  if (!DOMAINS_OF_POLICIES.has(domain & 0x0f)) return refused(CC.noDomain);
  if ((kind & 0x0f) > 4) return refused(CC.unknownTrigger);
  if ((kind & 0x70) !== 0x10) return refused(CC.unknownType);
  const { policies, limit, correctionTime, reportingPeriod } = VIRTUAL_LIMITS;
  return [
    policies, ...u16(limit.maximum), ...u16(limit.minimum), ...u32(correctionTime.minimum), ...u32(correctionTime.maximum),
    ...u16(reportingPeriod.minimum), ...u16(reportingPeriod.maximum), (domain & 0x0f) | (kind & 0x80),
  ];
}

function control(state: VirtualState, [flags = 0, domain = 0, id = 0]: readonly number[]): Outcome {
  if (flags > 5) return refused(CC.invalidField);
  const enabled = (flags & 1) === 1;
  if (flags < 2) {
    state.globalEnabled = enabled;
    return DONE;
  }
  if (!DOMAINS_OF_POLICIES.has(domain)) return refused(CC.noDomain);
  if (flags < 4) {
    state.disabledDomains[enabled ? 'delete' : 'add'](domain);
    return DONE;
  }
  return onPolicy(state, [domain, id], (policy) => (state.policies.set({ ...policy, enabled }), DONE));
}

function setPolicy(state: VirtualState, body: readonly number[]): Outcome {
  const [first = 0, id = 0, kind = 0] = body;
  const domain = first & 0x0f;
  if (!DOMAINS_OF_POLICIES.has(domain)) return refused(CC.noDomain);
  const known = state.policies.get(domain, id);
  if ((kind & 0x10) === 0) {
    if (known === undefined) return refused(CC.noPolicy);
    state.policies.delete(domain, id);
    return DONE;
  }
  const objection = objectionTo(domain, body);
  if (objection !== undefined) return refused(objection);
  if (known === undefined && state.policies.all.length >= VIRTUAL_LIMITS.policies) return refused(CC.outOfSpace);
  state.policies.set({ domain, id, enabled: (first & 0x10) !== 0, settings: body.slice(2, 14), periods: known?.periods ?? [] });
  return DONE;
}

/** The completion code for what this machine cannot keep; undefined when it can. */
function objectionTo(domain: number, body: readonly number[]): number | undefined {
  const kind = body[2] ?? 0;
  const trigger = kind & 0x0f;
  const correction = kind & 0x60;
  if (trigger > 4) return CC.unknownTrigger;
  // Only processors can be corrected in this way or that. Source: FreeIPMI 1.6.10, ipmi-oem(8).
  if (correction === 0x60 || (correction !== 0 && domain > 1)) return CC.badCorrection;
  if (outside(readU16(body, 12), VIRTUAL_LIMITS.reportingPeriod)) return CC.reportingRange;
  if (trigger === 4) return undefined;
  // The limit of the trigger "missing power reading" is percent, of all others watts.
  const limits = trigger === 2 ? { minimum: 0, maximum: 100 } : VIRTUAL_LIMITS.limit;
  if (outside(readU16(body, 4), limits)) return CC.limitRange;
  if (outside(readU32(body, 6), VIRTUAL_LIMITS.correctionTime)) return CC.correctionRange;
  return trigger !== 0 && readU16(body, 10) === 0 ? CC.triggerRange : undefined;
}

function onPolicy(state: VirtualState, [domain = 0, id = 0]: readonly number[], run: (policy: VirtualPolicy) => Outcome): Outcome {
  if (!DOMAINS_OF_POLICIES.has(domain)) return refused(CC.noDomain);
  const policy = state.policies.get(domain, id);
  return policy === undefined ? refused(CC.noPolicy) : run(policy);
}

function describe(state: VirtualState, { domain, enabled, settings }: VirtualPolicy): Outcome {
  const domainEnabled = !state.disabledDomains.has(domain);
  return [domain | (enabled ? 0x10 : 0) | (domainEnabled ? 0x20 : 0) | (state.globalEnabled ? 0x40 : 0), ...settings];
}

function suspend(state: VirtualState, policy: VirtualPolicy, body: readonly number[]): Outcome {
  const count = body[2] ?? 0;
  const periods = body.slice(3, 3 + 3 * count);
  if (count > 5) return refused(CC.tooMany);
  if (periods.length < 3 * count) return refused(CC.tooShort);
  for (let at = 0; at < periods.length; at += 3) {
    const [start = 0, stop = 0, days = 0] = periods.slice(at, at + 3);
    if (start >= stop || stop > 240 || days === 0 || days > 0x7f) return refused(CC.inconsistentPeriod);
  }
  state.policies.set({ ...policy, periods });
  return DONE;
}

function reset(state: VirtualState, [mode = 0, domain = 0, id = 0]: readonly number[]): Outcome {
  if (MODES_OF_ITSELF.has(mode)) return resetEach(state, [mode], 0, 0);
  if (mode > 1) return refused(CC.noMode);
  if (domain > 4) return refused(CC.noDomain);
  if (mode === 0) return resetEach(state, MODES_OF_DOMAINS, domain, 0);
  return onPolicy(state, [domain, id], () => resetEach(state, MODES_OF_POLICIES, domain, id));
}

function resetEach({ measurements }: VirtualState, modes: Iterable<number>, domain: number, policy: number): Outcome {
  for (const mode of modes) measurements.reset(mode, domain, policy);
  return DONE;
}

function statistics(state: VirtualState, [mode = 0, domain = 0, id = 0]: readonly number[], facts: VirtualFacts): Outcome {
  if (MODES_OF_POLICIES.has(mode)) return onPolicy(state, [domain, id], (policy) => report(state, mode, domain, facts, policy));
  if (!MODES_OF_DOMAINS.has(mode) && !MODES_OF_ITSELF.has(mode)) return refused(CC.noMode);
  return domain > 4 ? refused(CC.noDomain) : report(state, mode, domain, facts);
}

function report(state: VirtualState, mode: number, domain: number, { now, clockIsSet }: VirtualFacts, policy?: VirtualPolicy): Outcome {
  const time = now();
  const seconds = Math.floor(time.getTime() / 1000);
  const { current, minimum, maximum, average, since } = state.measurements.get(mode, MODES_OF_ITSELF.has(mode) ? 0 : domain, policy?.id ?? 0);
  const enabled = state.globalEnabled && !state.disabledDomains.has(domain) && policy?.enabled !== false;
  const acting = state.policies.all.filter((each) => (policy === undefined ? each.domain === domain : each === policy));
  const active = enabled && acting.some((each) => each.enabled && !isSuspended(each, time));
  return [
    ...[current, minimum, maximum, average].flatMap((value) => u16(Math.round(value))),
    ...u32(clockIsSet ? seconds : 0xffff_ffff),
    ...u32(seconds - since),
    domain | (enabled ? 0x10 : 0) | 0x20 | 0x40 | (active ? 0x80 : 0),
  ];
}
