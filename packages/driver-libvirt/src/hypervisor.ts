import type { Clock, Gate, Logger } from '@ferric/core';
import type { LibvirtClient } from './client/libvirt-client.js';
import { createDomainFinder, type DomainFinder, type Exchange } from './domain-finder.js';
import { createLocks, type Locks } from './locks.js';
import { createUploadGate } from './upload-gate.js';

/** One libvirt daemon as all machines on it share it. */
export interface Hypervisor extends AsyncDisposable {
  readonly address: string;
  readonly client: LibvirtClient;
  readonly finder: DomainFinder;
  /** One change of a definition at a time, by uuid: each reads, edits and writes the whole of it. */
  readonly locks: Locks;
  readonly exchange: Exchange;
  /** For the copying of images, which takes long and must not hold up anything else. */
  readonly uploads: Gate;
}

export interface HypervisorParts {
  readonly client: LibvirtClient;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createHypervisor({ client, gate, clock, logger }: HypervisorParts): Hypervisor {
  const exchange: Exchange = (work, signal) => gate.run((inGate) => work({ signal: inGate }), { signal });
  const finder = createDomainFinder({ client, exchange, clock, logger });
  return {
    address: client.uri.address,
    client,
    finder,
    locks: createLocks(),
    exchange,
    uploads: createUploadGate(client.uri.address),
    async [Symbol.asyncDispose]() {
      finder[Symbol.dispose]();
      await client.close();
    },
  };
}
