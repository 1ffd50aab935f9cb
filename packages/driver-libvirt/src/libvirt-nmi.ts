import type { Nmi } from '@ferric/core';
import type { Machine } from './libvirt-machine.js';

/** One exchange, and the domain may have to be found first. Milliseconds. */
const CALL_MS = 30_000;

/** Interrupts one domain. @throws CONFLICT when it does not run. */
export function createLibvirtNmi(machine: Machine): Nmi {
  return {
    inject: (options) =>
      machine.perform({ what: 'inject NMI', timeoutMs: CALL_MS }, options, async (call) => {
        const { domain } = await call.locate();
        await call.exchange((exchange) => call.client.domains.injectNmi(domain, exchange));
      }),
  };
}
