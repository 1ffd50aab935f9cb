import { type CallOptions, type Clock, FerricError, isUuid, type JsonObject, type Logger, maskText } from '@ferric/core';
import type { Domain } from './client/domains.js';
import type { EventGap, LibvirtEvent } from './client/events.js';
import type { LibvirtClient } from './client/libvirt-client.js';
import { parseXml } from './domain-xml/document.js';
import { macAddresses } from './domain-xml/facts.js';
import { isAboutOneDomain, isGone } from './libvirt-answers.js';
import { MacIndex } from './mac-index.js';
import { createSharedTask } from './shared-task.js';

/** Which domain a machine is: one by its name or uuid, else the one that has one of these MAC addresses. */
export interface DomainTarget {
  readonly domain: string | undefined;
  /** Lower case with colons. */
  readonly macs: readonly string[];
}

/** Runs one exchange with the daemon when its turn comes. */
export type Exchange = <T>(work: (options: CallOptions) => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Finds the domains of machines, and remembers them until something tells that they have changed. */
export interface DomainFinder extends Disposable {
  /**
   * @throws NOT_FOUND naming the domain or the addresses; CONFLICT naming the domains when there are several; what the daemon answers; the
   * abort reason.
   */
  find(target: DomainTarget, signal: AbortSignal): Promise<Domain>;
  /** Something showed that what is known about this domain is not true any more. */
  doubt(domain: Domain): void;
}

export interface DomainFinderSettings {
  readonly client: Pick<LibvirtClient, 'domains' | 'events' | 'connect' | 'uri'>;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Definitions that are fetched at the same time. */
const FETCHES = 8;

/** Shortest time between two looks at all domains for addresses that no domain has. Milliseconds. */
const RESCAN_PAUSE_MS = 5_000;

/** How long addresses are believed when no events tell of changes. Milliseconds. */
const UNWATCHED_MS = 30_000;

/** Names and changed domains that are remembered; past it, everything is looked at again. */
const MOST_REMEMBERED = 10_000;

/**
 * Makes a finder for the domains of one daemon. Addresses are read from the definitions once; afterwards events say whose to read again.
 * It listens from the first search by address until it is disposed.
 */
export function createDomainFinder({ client, exchange, clock, logger }: DomainFinderSettings): DomainFinder {
  const named = new Map<string, Domain>();
  const index = new MacIndex();
  const changed = new Map<string, Domain>();
  const closing = new AbortController();
  let listening = false;
  /** When the last look at all domains began; undefined when the next search has to take one. */
  let scannedAt: number | undefined;
  /** How often everything was forgotten: a look that began before does not count. */
  let losses = 0;

  const forgetEverything = (): void => {
    losses += 1;
    scannedAt = undefined;
    changed.clear();
  };

  const doubt = (domain: Domain): void => {
    for (const [name, known] of named) {
      if (known.uuid === domain.uuid || name === domain.name) named.delete(name);
    }
    changed.set(domain.uuid, domain);
    if (changed.size > MOST_REMEMBERED) forgetEverything();
  };

  const takeEvent = (event: Extract<LibvirtEvent, { kind: 'lifecycle' }> | EventGap): void => {
    if (event.kind === 'gap') {
      named.clear();
      forgetEverything();
      return;
    }
    const redefined = event.event === 'defined' || event.event === 'undefined';
    // A domain without a definition is only seen when it starts.
    if (redefined || (event.event === 'started' && !index.has(event.domain.uuid))) doubt(event.domain);
  };

  const listen = async (): Promise<void> => {
    listening = true;
    try {
      for await (const event of client.events('lifecycle', { signal: closing.signal })) takeEvent(event);
    } catch (error) {
      logger.debug({ address: client.uri.address, error }, 'No events of domains; their addresses are read again after a while');
    } finally {
      listening = false;
    }
  };

  /** Reads the addresses of these domains, and forgets those that are gone. */
  const read = async (domains: readonly Domain[], signal: AbortSignal): Promise<void> => {
    const waiting = [...domains];
    const readNext = async (): Promise<void> => {
      for (let domain = waiting.shift(); domain !== undefined; domain = waiting.shift()) await readOne(domain, signal);
    };
    await Promise.all(Array.from({ length: FETCHES }, readNext));
  };

  const readOne = async (domain: Domain, signal: AbortSignal): Promise<void> => {
    // Before asking: a change while the answer is on its way counts.
    changed.delete(domain.uuid);
    try {
      const xml = await exchange((options) => client.domains.xml(domain, { inactive: true }, options), signal);
      index.set(domain, macAddresses(parseXml(xml)));
    } catch (error) {
      if (!isAboutOneDomain(error)) {
        changed.set(domain.uuid, domain);
        throw error;
      }
      index.delete(domain.uuid);
      if (isGone(error)) return;
      logger.warn({ address: client.uri.address, domain: domain.name, error }, 'The definition of a domain cannot be read; it is left out');
    }
  };

  const scan = createSharedTask(async (signal) => {
    // First of all, so that a refused password is not tried again by whoever listens to events.
    await exchange((options) => client.connect(options), signal);
    if (!listening && !closing.signal.aborted) void listen();
    const startedAt = clock.monotonicMs();
    const lossesBefore = losses;
    const domains = await exchange((options) => client.domains.list({}, options), signal);
    index.keepOnly(new Set(domains.map(({ uuid }) => uuid)));
    await read(domains, signal);
    if (losses === lossesBefore) scannedAt = startedAt;
    logger.debug({ address: client.uri.address, domains: domains.length }, 'Looked at the addresses of all domains');
  });

  const refresh = createSharedTask((signal) => read([...changed.values()], signal));

  const scannedWithin = (ms: number): boolean => scannedAt !== undefined && clock.monotonicMs() - scannedAt <= ms;

  const findByMacs = async (macs: readonly string[], signal: AbortSignal): Promise<Domain> => {
    if (!scannedWithin(listening ? Number.POSITIVE_INFINITY : UNWATCHED_MS)) await scan.join(signal);
    else if (changed.size > 0) await refresh.join(signal);
    if (index.find(macs).length > 1) {
      // One of them may be gone without an event.
      for (const domain of index.find(macs)) changed.set(domain.uuid, domain);
      await refresh.join(signal);
    }
    if (index.find(macs).length === 0 && !scannedWithin(RESCAN_PAUSE_MS)) await scan.join(signal);
    const [found, ...others] = index.find(macs);
    if (found === undefined) throw noDomain(`No domain has ${addressWords(macs)}`, { macAddresses: [...macs] }, client);
    if (others.length > 0) throw severalDomains([found, ...others], macs, client);
    return found;
  };

  const lookUp = async (name: string, signal: AbortSignal): Promise<Domain> => {
    if (isUuid(name)) {
      try {
        return await exchange((options) => client.domains.lookupByUuid(name.toLowerCase(), options), signal);
      } catch (error) {
        // A name may look like a uuid.
        if (!isGone(error)) throw error;
      }
    }
    return exchange((options) => client.domains.lookupByName(name, options), signal);
  };

  const findByName = async (name: string, signal: AbortSignal): Promise<Domain> => {
    const known = named.get(name);
    if (known !== undefined) return known;
    try {
      const domain = await lookUp(name, signal);
      if (named.size >= MOST_REMEMBERED) named.clear();
      named.set(name, domain);
      return domain;
    } catch (error) {
      if (isGone(error)) throw noDomain(`There is no domain ${name}`, { domain: name }, client, error);
      throw error;
    }
  };

  return {
    find: ({ domain, macs }, signal) => (domain === undefined ? findByMacs(macs, signal) : findByName(domain, signal)),
    doubt,
    [Symbol.dispose]() {
      closing.abort();
    },
  };
}

function severalDomains(domains: readonly Domain[], macs: readonly string[], client: Pick<LibvirtClient, 'uri'>): FerricError {
  const uri = shownUri(client);
  const names = domains.map(({ name, uuid }) => `${name} (${uuid})`);
  return new FerricError('CONFLICT', `Several domains at ${uri} have ${addressWords(macs)}: ${names.join(', ')}`, {
    details: { address: client.uri.address, uri, macAddresses: [...macs], domains: names },
    hint: 'Give each domain addresses of its own and each node only those of its domain, or name the domain in libvirt_domain.',
  });
}

function addressWords(macs: readonly string[]): string {
  return macs.length === 1 ? `the MAC address ${macs[0]}` : `one of the MAC addresses ${macs.join(', ')}`;
}

/** The URI without what may be a secret in it. */
function shownUri({ uri }: Pick<LibvirtClient, 'uri'>): string {
  return maskText(uri.text);
}

function noDomain(message: string, facts: JsonObject, client: Pick<LibvirtClient, 'uri'>, cause?: unknown): FerricError {
  const uri = shownUri(client);
  return new FerricError('NOT_FOUND', `${message} at ${uri}`, {
    details: { address: client.uri.address, uri, ...facts },
    hint: 'Check libvirt_uri, and libvirt_domain or the ports of the node, with `virsh list --all` and `virsh domiflist`.',
    ...(cause === undefined ? {} : { cause }),
  });
}
