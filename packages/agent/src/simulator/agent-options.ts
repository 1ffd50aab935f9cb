import type { Clock, JsonObject, Logger, Secret } from '@ferric/core';
import type { AgentFaults } from './agent-faults.js';
import type { Disk } from './disk/disk.js';
import type { KernelParameters } from './kernel-parameters.js';

/** How long an agent waits for what. All but the factors in milliseconds; the defaults are those of ironic-python-agent. */
export interface AgentPacing {
  /** Least time between a heartbeat and one that is forced by a command that ended. Default 5000. */
  readonly forcedHeartbeatMs: number;
  /** The next heartbeat comes after the conductor's `heartbeat_timeout` times a random number between these. Default 0.3 and 0.6. */
  readonly heartbeatFactors: readonly [least: number, most: number];
  /** Time until a heartbeat that failed is tried again: random between these. Default 5000 and 10000. */
  readonly heartbeatRetryMs: readonly [least: number, most: number];
  /** Default 1000, or the kernel parameter `ipa-lookup-interval` (seconds). */
  readonly lookupIntervalMs: number;
  /** The longest wait between two lookups. Default 60000. */
  readonly longestLookupIntervalMs: number;
  /** After this time without an answer the agent gives up. Default 600000, or `ipa-lookup-timeout` (seconds). */
  readonly lookupTimeoutMs: number;
  /** Time until an inspection post that failed is tried again, doubled each time up to the second. Default 5000 and 30000; 5 attempts. */
  readonly inspectionRetryMs: readonly [least: number, most: number];
  /** Time for one request to the conductor. Default 30000. */
  readonly requestTimeoutMs: number;
  /** How often a download is tried again. Default 9. */
  readonly downloadRetries: number;
  /** Time between two tries. Default 10000. */
  readonly downloadRetryMs: number;
  /** Time for a server to answer, and for its next bytes. Default 60000. */
  readonly downloadTimeoutMs: number;
  /** Time that the system needs to shut down. Default 100. */
  readonly shutdownMs: number;
}

/** The agent of one machine, from its start until the machine goes off. */
export interface VirtualAgentOptions {
  /**
   * The kernel's command line as /proc/cmdline shows it, or its parameters: `ipa-api-url`, `ipa-inspection-callback-url`, `ipa-listen-host`,
   * `ipa-listen-port`, `ipa-advertise-host`, `ipa-advertise-port`, `ipa-agent-token`, `ipa-lookup-timeout`, `ipa-lookup-interval`,
   * `ipa-insecure`, `BOOTIF`.
   */
  readonly kernelParameters: string | KernelParameters;
  /** Addresses of its network cards, first one first. Default: those of {@link VirtualAgentOptions.inventory}, or else one made up. */
  readonly macAddresses?: readonly string[];
  /**
   * Where images are written to: a disk, or several among which the smallest of at least 4 GiB is chosen, or the one that `root_device` of the
   * node names; undefined: a machine without a disk. Default: 10 GiB that remember what was written. Disks that are given stay open.
   */
  readonly disk?: Disk | readonly Disk[] | undefined;
  /** What it reports as its hardware. Default: a virtual machine with its network cards and disk. */
  readonly inventory?: JsonObject;
  /** How the machine was booted, as that inventory tells. Default bios. */
  readonly bootMode?: 'bios' | 'uefi';
  /** Where its API listens unless the kernel parameters say so. Default 127.0.0.1. */
  readonly listenHost?: string;
  /** Port of its API unless the kernel parameters say so. Default 0: a free one. */
  readonly listenPort?: number;
  /** Version that it tells in heartbeats. Default `11.0.0`. */
  readonly version?: string;
  /** Switches the machine off. The agent stops by itself. */
  readonly onPowerOff?: () => void | Promise<void>;
  /** Starts the machine again. The agent stops by itself. */
  readonly onReboot?: () => void | Promise<void>;
  /** Takes the crypt hash that opens the rescue system. What it throws becomes the failure that a real agent shows. */
  readonly onRescue?: (passwordHash: Secret) => void | Promise<void>;
  /** Makes sure that all that was written to the disks stays. Default: the disk's own {@link Disk.sync}. */
  readonly onSync?: () => void | Promise<void>;
  readonly pacing?: Partial<AgentPacing>;
  /** What goes wrong. Default: nothing; see {@link VirtualAgent.faults}. */
  readonly faults?: AgentFaults;
  /** PEM text that the agent trusts besides the well-known authorities, for conductors and image servers with https. */
  readonly trustedCertificates?: string;
  readonly clock?: Clock;
  /** Numbers from 0 up to 1. Default: Math.random. */
  readonly random?: () => number;
  readonly logger?: Logger;
}
