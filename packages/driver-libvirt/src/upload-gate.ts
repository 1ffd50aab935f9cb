import { createGate, type Gate } from '@ferric/core';

/** Images that go to one hypervisor at the same time; more wait. Each fills the connection that the power of all machines shares. */
const UPLOADS = 4;
const MOST_WAITING = 256;

/** Lets a few uploads go to one hypervisor at a time. It never shuts: a web server that is away says nothing about the hypervisor. */
export function createUploadGate(address: string): Gate {
  return createGate(`uploads to ${address}`, { concurrency: UPLOADS, queueLimit: MOST_WAITING, breakAfter: Number.MAX_SAFE_INTEGER });
}
