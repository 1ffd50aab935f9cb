import {
  FerricError, withDeadline, type CallOptions, type Clock, type Closing, type Deadline, type JsonObject, type Logger,
} from '@ferric/core';
import type { Domain } from './client/domains.js';
import type { LibvirtClient } from './client/libvirt-client.js';
import type { DomainTarget } from './domain-finder.js';
import { childOf, textOf } from './domain-xml/elements.js';
import { parseXml, type XmlDocument } from './domain-xml/document.js';
import { macAddresses } from './domain-xml/facts.js';
import type { Hypervisor } from './hypervisor.js';
import { isGone } from './libvirt-answers.js';

/** Longest time for one exchange that only looks at something, within the time of the call. Milliseconds. */
const LOOK_MS = 30_000;

/** A domain and its definition for the next start, just read. */
export interface Located {
  readonly domain: Domain;
  readonly document: XmlDocument;
}

/** One call of a device under way. */
export interface MachineCall {
  readonly deadline: Deadline;
  readonly client: LibvirtClient;
  readonly hypervisor: Hypervisor;
  /** Facts for errors: the address. */
  readonly details: JsonObject;
  /** One exchange with the daemon, when its turn comes. Default limit: 30 s, and never longer than the call. */
  exchange<T>(work: (options: CallOptions) => Promise<T>, limitMs?: number): Promise<T>;
  /** The domain as it is known, without asking if possible. */
  find(): Promise<Domain>;
  /** Looks at the domain as it is known; finds it anew, once, when the daemon does not know that one any more. Only for what changes nothing. */
  look<T>(work: (domain: Domain, options: CallOptions) => Promise<T>, limitMs?: number): Promise<T>;
  /**
   * The domain with its definition, which proves that it is the right one: before anything is changed.
   * @param secure with the passwords that stand in it, which it needs when it is to be defined again
   */
  locate(settings?: { readonly secure?: boolean }): Promise<Located>;
}

/** What one call of a device is. */
export interface CallFacts {
  /** For errors: `read power`. */
  readonly what: string;
  /** Time for it when the caller names none. Milliseconds. */
  readonly timeoutMs: number;
}

/** One machine behind a device: everything that its capabilities share. */
export interface Machine {
  readonly clock: Clock;
  readonly logger: Logger;
  /** For reading many machines at once. */
  readonly hypervisor: () => Hypervisor;
  /**
   * Runs one call of the device: with a deadline, and given up when the device is closed.
   * @throws the abort reason; TIMEOUT; INVALID_OPTIONS for a bad `timeoutMs`; ABORTED when the device is closed; else what `work` throws.
   */
  perform<T>(facts: CallFacts, options: CallOptions | undefined, work: (call: MachineCall) => Promise<T>): Promise<T>;
}

export interface MachineParts {
  /** Which domain it is. @throws INVALID_OPTIONS when nothing tells. */
  readonly target: () => DomainTarget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hypervisor: () => Hypervisor;
  readonly guard: Closing['guard'];
}

export function createMachine({ target, clock, logger, hypervisor, guard }: MachineParts): Machine {
  return {
    clock,
    logger,
    hypervisor,
    perform: ({ what, timeoutMs }, options, work) =>
      guard(options, async (call) => {
        const host = hypervisor();
        const details = { address: host.address };
        const settings = { what: `'${what}' at ${host.address}`, defaultTimeoutMs: timeoutMs, details, clock };
        return withDeadline(call, settings, (deadline) => work(createCall(target(), host, deadline, details)));
      }),
  };
}

function createCall(target: DomainTarget, hypervisor: Hypervisor, deadline: Deadline, details: JsonObject): MachineCall {
  const { client, finder } = hypervisor;
  const { signal } = deadline;
  const exchange: MachineCall['exchange'] = (work, limitMs = LOOK_MS) =>
    hypervisor.exchange(({ signal: inGate }) => work({ signal: inGate, timeoutMs: Math.max(1, Math.min(limitMs, deadline.remainingMs())) }), signal);
  const find = (): Promise<Domain> => finder.find(target, signal);

  const look: MachineCall['look'] = async (work, limitMs) => {
    const domain = await find();
    try {
      return await exchange((options) => work(domain, options), limitMs);
    } catch (error) {
      if (!isGone(error)) throw error;
      finder.doubt(domain);
      const found = await find();
      return exchange((options) => work(found, options), limitMs);
    }
  };

  const readDefinition = async (secure: boolean): Promise<Located> => {
    let domain = await find();
    const xml = await look((looked, options) => {
      domain = looked;
      return client.domains.xml(looked, { inactive: true, secure }, options);
    });
    return { domain, document: parseXml(xml) };
  };

  return {
    deadline,
    client,
    hypervisor,
    details,
    exchange,
    find,
    look,
    async locate({ secure = false } = {}) {
      const located = await readDefinition(secure);
      if (isTarget(target, located)) return located;
      // What was known is out of date: the address or the name has moved to another domain.
      finder.doubt(located.domain);
      const again = await readDefinition(secure);
      if (isTarget(target, again)) return again;
      throw new FerricError('CONFLICT', `The domain ${again.domain.name} changes faster than it can be looked at`, { details, retryable: true });
    },
  };
}

function isTarget({ domain: wanted, macs }: DomainTarget, { domain, document }: Located): boolean {
  const uuid = textOf(childOf(document.root, 'uuid'))?.toLowerCase();
  if (wanted === undefined) return macAddresses(document).some((address) => macs.includes(address));
  return wanted === textOf(childOf(document.root, 'name')) || wanted.toLowerCase() === uuid || wanted.toLowerCase() === domain.uuid;
}

/** The id of the running machine of a domain, another one after each start; -1 when it does not run. */
export async function runningId(call: MachineCall, domain: Domain): Promise<number> {
  const { id } = await call.exchange((options) => call.client.domains.lookupByUuid(domain.uuid, options));
  return id;
}
