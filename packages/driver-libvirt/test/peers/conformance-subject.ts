import { anyDriver } from '@ferric/core';
import { type ConformanceSubject, testDriver } from '@ferric/core/conformance';
import type { PrivateLibvirtd } from '@ferric/lab';
import { beforeEach, describe } from 'vitest';
import { createLibvirtDriver } from '../../src/index.js';
import { plugin } from '../../src/plugin.js';

/** What is the same for the driver whatever daemon it is tried at. */
export const SUBJECT: Omit<ConformanceSubject, 'startVirtualDevice'> = {
  createDriver: ({ gates, ...host }) => anyDriver(createLibvirtDriver({ ...host, gate: (address, settings) => gates.gate(address, settings) })),
  capabilities: ['bootDevice', 'bootMode', 'secureBoot', 'virtualMedia', 'inventory', 'console', 'nmi'],
  plugin,
  concurrency: 32,
  pooledConnections: 1,
};

/**
 * The conformance suite at a real daemon. Clients that leave in the middle of a call now and then make libvirtd 9.0.0 write to memory that it has
 * freed and end by SIGSEGV (seen once in about forty runs, in virEventGLibTimeoutRemoveIdle). A rule that was being checked then has learnt nothing
 * of the driver: it is checked once more, with the daemon started again. A rule that fails while the daemon lives has failed.
 */
export function testDriverAt(libvirtd: PrivateLibvirtd, name: string, subject: ConformanceSubject): void {
  beforeEach(() => libvirtd.recover());
  describe('with a daemon that may crash', { retry: { count: 1, condition: () => libvirtd.hasCrashed } }, () => {
    testDriver(name, subject);
  });
}
