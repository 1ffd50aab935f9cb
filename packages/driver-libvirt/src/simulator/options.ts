import { type Clock, invalidOptions, type OptionIssue, printValue, Secret, systemClock } from '@ferric/core';
import type { KeepAliveSettings } from './daemon/keep-alive.js';
import type { ScramCredentials } from './daemon/scram-server.js';
import type { VirtualDomainDefinition } from './domain/domain-xml.js';
import { MOST_DOMAINS } from './domain/domains.js';
import type { GuestBehaviour } from './domain/guest.js';

export interface VirtualHypervisorOptions {
  /** Name that the hypervisor gives as its host's. Default `virtual-hypervisor`. */
  readonly name?: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** TCP port, 0..65535. Default 0: a free one. */
  readonly port?: number;
  /** Path of a unix socket to listen on as well. Default: none. */
  readonly unixSocket?: string;
  /** How many domains there are, or which: in a few words, or as libvirt's XML. Default 2. */
  readonly domains?: number | readonly (VirtualDomainDefinition | string)[];
  /** What clients must know to be let in, by SASL with SCRAM-SHA-256. Default `none`: everybody is let in. */
  readonly credentials?: { readonly username: string; readonly password: string | Secret } | 'none';
  /** How the systems inside the machines behave; each can be changed later. Default: they shut down 50 ms after they were asked to. */
  readonly guests?: Partial<GuestBehaviour>;
  /** When a client that asked for it is pinged, and how often without an answer. Default every 5000 ms, 5 times, as libvirtd. */
  readonly keepAlive?: Partial<KeepAliveSettings>;
  /** Calls of one client that are worked on at one time; more wait. 1..1000, default 5, as libvirtd. */
  readonly maxClientRequests?: number;
  /** Memory that the contents of all volumes may take; more is refused as a full disk. Bytes, default 256 MiB. */
  readonly storageLimitBytes?: number;
  readonly clock?: Clock;
}

/** The options, checked and completed. */
export interface HypervisorPlan {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly unixSocket: string | undefined;
  readonly domains: readonly (VirtualDomainDefinition | string)[];
  readonly credentials: ScramCredentials | undefined;
  readonly guests: GuestBehaviour;
  readonly keepAlive: KeepAliveSettings;
  readonly maxClientRequests: number;
  readonly storageLimitBytes: number;
  readonly clock: Clock;
}

/** The longest path of a unix socket. Source: Linux, unix(7): 108 bytes with the zero at the end. */
const LONGEST_SOCKET_PATH = 107;
const DEFAULT_STORAGE_BYTES = 256 * 1024 * 1024;

const DEFAULTS = {
  name: 'virtual-hypervisor',
  host: '127.0.0.1',
  port: 0,
  domains: 2,
  credentials: 'none',
  maxClientRequests: 5,
  storageLimitBytes: DEFAULT_STORAGE_BYTES,
  clock: systemClock,
} as const satisfies VirtualHypervisorOptions;

/** @throws INVALID_OPTIONS naming every field that cannot be used */
export function planHypervisor(options: VirtualHypervisorOptions): HypervisorPlan {
  const completed = { ...DEFAULTS, ...options };
  const guests = { obeysAcpi: true, shutdownMs: 50, ...options.guests };
  const keepAlive = { intervalMs: 5000, count: 5, ...options.keepAlive };
  const { domains, credentials, unixSocket } = completed;
  const issues = [
    ...checkNumber('port', completed.port, 0, 65_535),
    ...checkNumber('domains', typeof domains === 'number' ? domains : domains.length, 0, MOST_DOMAINS),
    ...checkNumber('guests.shutdownMs', guests.shutdownMs, 0, 3_600_000),
    ...checkNumber('keepAlive.intervalMs', keepAlive.intervalMs, 1, 3_600_000),
    ...checkNumber('keepAlive.count', keepAlive.count, 1, 1000),
    ...checkNumber('maxClientRequests', completed.maxClientRequests, 1, 1000),
    ...checkNumber('storageLimitBytes', completed.storageLimitBytes, 0, 2 ** 40),
    ...checkSocketPath(unixSocket),
    ...checkUsername(credentials),
  ];
  if (issues.length > 0) throw invalidOptions('Virtual hypervisor', issues);
  return {
    ...completed,
    unixSocket,
    guests,
    keepAlive,
    domains: typeof domains === 'number' ? Array.from({ length: domains }, () => ({})) : domains,
    credentials: credentials === 'none' ? undefined : { username: credentials.username, password: Secret.from(credentials.password) },
  };
}

function checkNumber(field: string, value: number, from: number, to: number): OptionIssue[] {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return [];
  return [{ field, problem: 'invalid', expected: `a whole number from ${from} to ${to}`, received: printValue(value) }];
}

function checkSocketPath(path: string | undefined): OptionIssue[] {
  if (path === undefined || (path !== '' && Buffer.byteLength(path) <= LONGEST_SOCKET_PATH)) return [];
  return [{ field: 'unixSocket', problem: 'invalid', expected: `a path of 1 to ${LONGEST_SOCKET_PATH} bytes`, received: printValue(path) }];
}

function checkUsername(credentials: NonNullable<VirtualHypervisorOptions['credentials']>): OptionIssue[] {
  if (credentials === 'none' || credentials.username !== '') return [];
  return [{ field: 'credentials.username', problem: 'invalid', expected: 'a name of at least one character', received: printValue('') }];
}
