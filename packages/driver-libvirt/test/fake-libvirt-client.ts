import { FerricError, type CallOptions } from '@ferric/core';
import type { Domain, DomainXmlOptions } from '../src/client/domains.js';
import type { EventGap, LibvirtEvent } from '../src/client/events.js';
import type { LibvirtClient } from '../src/client/libvirt-client.js';
import { parseLibvirtUri } from '../src/client/uri.js';

type LifecycleEvent = Extract<LibvirtEvent, { kind: 'lifecycle' }>;

/** A domain behind the fake client. */
export interface FakeDomain {
  readonly name: string;
  readonly uuid: string;
  macs: readonly string[];
  /** What its definition is instead of the one made from the addresses. */
  xml?: string;
  /** What it is made of while it runs, where that is not its definition. */
  live?: string;
  /** What asking for its definition fails with. */
  failure?: FerricError;
}

/** A client without a daemon: what is asked is answered from a list, and counted. */
export interface FakeLibvirtClient {
  readonly client: LibvirtClient;
  readonly domains: FakeDomain[];
  /** Names of the calls so far. */
  readonly calls: string[];
  /** Tells everybody who listens; resolves when it was taken. */
  tell(event: LifecycleEvent['event'] | EventGap, domain?: FakeDomain): Promise<void>;
  /** Ends the events with an error. */
  failEvents(error: FerricError): void;
  readonly listeners: number;
  readonly closed: boolean;
  /** Called before each call is answered. */
  before: (name: string) => void | Promise<void>;
}

export function createFakeLibvirtClient(domains: FakeDomain[] = [], uri = 'qemu+tcp://192.0.2.1/system'): FakeLibvirtClient {
  const calls: string[] = [];
  const listeners = new Set<{ push: (event: LifecycleEvent | EventGap) => void; fail: (error: FerricError) => void }>();
  let closed = false;

  const answer = async <T>(name: string, options: CallOptions | undefined, make: () => T): Promise<T> => {
    calls.push(name);
    await fake.before(name);
    if (options?.signal?.aborted === true) throw options.signal.reason as Error;
    return make();
  };
  const struct = ({ name, uuid }: FakeDomain): Domain => ({ name, uuid, id: -1 });
  const find = (test: (domain: FakeDomain) => boolean, what: string): FakeDomain => {
    const found = domains.find(test);
    if (found === undefined) throw noSuchDomain(what);
    return found;
  };

  async function* events(
    _kind: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<LifecycleEvent | EventGap, void, undefined> {
    const queue: (LifecycleEvent | EventGap | FerricError)[] = [];
    let wake = Promise.withResolvers<void>();
    const take = (item: LifecycleEvent | EventGap | FerricError): void => {
      queue.push(item);
      wake.resolve();
    };
    const listener = { push: take, fail: take };
    listeners.add(listener);
    signal?.addEventListener('abort', () => wake.resolve());
    try {
      while (signal?.aborted !== true) {
        const item = queue.shift();
        if (item === undefined) {
          await wake.promise;
          wake = Promise.withResolvers<void>();
        } else if (FerricError.is(item)) throw item;
        else yield item;
      }
    } finally {
      listeners.delete(listener);
    }
  }

  const client = {
    uri: parseLibvirtUri(uri),
    connect: (options?: CallOptions) => answer('connect', options, () => undefined),
    events,
    domains: {
      list: (_filter: unknown, options?: CallOptions) => answer('list', options, () => domains.map(struct)),
      xml: (domain: Domain, { inactive = false }: DomainXmlOptions, options?: CallOptions) =>
        answer(`xml ${domain.name}`, options, () => {
          const found = find(({ uuid }) => uuid === domain.uuid, domain.name);
          if (found.failure !== undefined) throw found.failure;
          return (inactive ? undefined : found.live) ?? found.xml ?? definitionOf(found);
        }),
      lookupByName: (name: string, options?: CallOptions) =>
        answer(`name ${name}`, options, () => struct(find((domain) => domain.name === name, name))),
      lookupByUuid: (uuid: string, options?: CallOptions) =>
        answer(`uuid ${uuid}`, options, () => struct(find((domain) => domain.uuid === uuid, uuid))),
    },
    async close() {
      closed = true;
    },
  } as unknown as LibvirtClient;

  const fake: FakeLibvirtClient = {
    client,
    domains,
    calls,
    async tell(event, domain) {
      for (const listener of listeners)
        listener.push(typeof event === 'string' ? { kind: 'lifecycle', event, detail: '', domain: struct(domain as FakeDomain) } : event);
      await settle();
    },
    failEvents(error) {
      for (const listener of listeners) listener.fail(error);
    },
    get listeners() {
      return listeners.size;
    },
    get closed() {
      return closed;
    },
    before: () => undefined,
  };
  return fake;
}

/** Lets everything run that is due. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve));
}

/** What a daemon answers for a domain that it does not know. */
export function noSuchDomain(what: string): FerricError {
  return new FerricError('NOT_FOUND', `no domain with matching name '${what}'`, { details: { address: '192.0.2.1:16509', libvirtCode: 42 } });
}

function definitionOf({ name, uuid, macs }: FakeDomain): string {
  const interfaces = macs.map((mac) => `<interface type='network'><mac address='${mac}'/></interface>`).join('');
  return `<domain><name>${name}</name><uuid>${uuid}</uuid><devices>${interfaces}</devices></domain>`;
}
