import { randomBytes } from 'node:crypto';
import { type Clock, invalidOptions, type JsonObject, normalizeMacAddress, type OptionIssue, printValue, Secret, systemClock } from '@ferric/core';
import type { AgentPacing, VirtualAgentOptions } from './agent-options.js';
import { type AgentFaults, createAgentFaults } from './agent-faults.js';
import { asObject } from './conductor-calls.js';
import type { Disk } from './disk/disk.js';
import { createVirtualDisk } from './disk/virtual-disk.js';
import { type KernelParameters, parseCommandLine } from './kernel-parameters.js';
import type { Trust } from './wire/http.js';

/** The options of an agent, checked and completed. */
export interface AgentSettings {
  readonly apiUrls: readonly string[];
  readonly inspectionUrl: string | undefined;
  readonly collectors: readonly string[];
  readonly listenHost: string;
  readonly listenPort: number;
  /** Undefined: what the route to the conductor says. */
  readonly advertiseHost: string | undefined;
  /** Undefined: the port at which the API listens. */
  readonly advertisePort: number | undefined;
  readonly advertiseProtocol: 'http' | 'https' | undefined;
  readonly token: Secret | undefined;
  readonly bootInterface: string | null;
  readonly macAddresses: readonly string[];
  readonly disks: readonly Disk[];
  /** Whether the disks were made here and go with the agent. */
  readonly ownsDisks: boolean;
  readonly minimumDiskBytes: number;
  readonly pacing: AgentPacing;
  readonly trust: Trust;
  readonly faults: AgentFaults;
  readonly clock: Clock;
  readonly random: () => number;
  readonly version: string;
}

const DEFAULT_PACING: AgentPacing = {
  forcedHeartbeatMs: 5000,
  heartbeatFactors: [0.3, 0.6],
  heartbeatRetryMs: [5000, 10_000],
  lookupIntervalMs: 1000,
  longestLookupIntervalMs: 60_000,
  lookupTimeoutMs: 600_000,
  inspectionRetryMs: [5000, 30_000],
  requestTimeoutMs: 30_000,
  downloadRetries: 9,
  downloadRetryMs: 10_000,
  downloadTimeoutMs: 60_000,
  shutdownMs: 100,
};
/** Source: ironic-python-agent, ironic_python_agent/utils.py (guess_root_disk). */
const MINIMUM_DISK_BYTES = 4 * 1024 ** 3;
const MEBIBYTE = 1024 * 1024;
const HIGHEST_PORT = 65_535;
const LONGEST_SECONDS = 86_400;

/** @throws INVALID_OPTIONS naming every parameter that cannot be used */
export function readAgentSettings(options: VirtualAgentOptions): AgentSettings {
  const given = typeof options.kernelParameters === 'string' ? parseCommandLine(options.kernelParameters) : options.kernelParameters;
  const parameters = new ParameterReader(given);
  const settings: AgentSettings = {
    ...readPlaces(parameters, options),
    collectors: (parameters.text('ipa-inspection-collectors') ?? 'default,logs').split(','),
    token: parameters.secret('ipa-agent-token'),
    bootInterface: parameters.text('BOOTIF') ?? null,
    macAddresses: readMacAddresses(options, parameters.issues),
    disks: readDisks(options),
    ownsDisks: !Object.hasOwn(options, 'disk'),
    minimumDiskBytes: parameters.number('ferric-minimum-disk-mib', 2 ** 30, MEBIBYTE) ?? MINIMUM_DISK_BYTES,
    pacing: readPacing(parameters, options.pacing),
    trust: { certificates: options.trustedCertificates, insecure: ['1', 'true', 'yes'].includes((parameters.text('ipa-insecure') ?? '').toLowerCase()) },
    faults: options.faults ?? createAgentFaults(),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    version: options.version ?? '11.0.0',
  };
  if (parameters.issues.length > 0) throw invalidOptions('Agent', parameters.issues);
  return settings;
}

/** Whom the agent calls, and where it is called. */
type Places = Pick<
  AgentSettings, 'apiUrls' | 'inspectionUrl' | 'listenHost' | 'listenPort' | 'advertiseHost' | 'advertisePort' | 'advertiseProtocol'
>;

function readPlaces(parameters: ParameterReader, options: VirtualAgentOptions): Places {
  const apiUrls = parameters.urls('ipa-api-url');
  const [inspectionUrl] = parameters.urls('ipa-inspection-callback-url');
  if (apiUrls.length === 0 && inspectionUrl === undefined && parameters.issues.length === 0) {
    parameters.issues.push({ field: 'ipa-api-url', problem: 'missing', expected: 'the URL of a conductor, or else ipa-inspection-callback-url' });
  }
  return {
    apiUrls,
    inspectionUrl,
    listenHost: parameters.text('ipa-listen-host') ?? options.listenHost ?? '127.0.0.1',
    listenPort: parameters.number('ipa-listen-port', HIGHEST_PORT) ?? options.listenPort ?? 0,
    advertiseHost: parameters.text('ipa-advertise-host'),
    advertisePort: parameters.number('ipa-advertise-port', HIGHEST_PORT),
    advertiseProtocol: parameters.protocol('ipa-advertise-protocol'),
  };
}

function readPacing(parameters: ParameterReader, given: Partial<AgentPacing> | undefined): AgentPacing {
  const lookupTimeoutMs = parameters.number('ipa-lookup-timeout', LONGEST_SECONDS, 1000) ?? DEFAULT_PACING.lookupTimeoutMs;
  const lookupIntervalMs = parameters.number('ipa-lookup-interval', LONGEST_SECONDS, 1000) ?? DEFAULT_PACING.lookupIntervalMs;
  return { ...DEFAULT_PACING, lookupTimeoutMs, lookupIntervalMs, ...given };
}

/** Reads kernel parameters one by one and gathers what is wrong with them. */
class ParameterReader {
  readonly issues: OptionIssue[] = [];
  readonly #parameters: KernelParameters;

  constructor(parameters: KernelParameters) {
    this.#parameters = parameters;
  }

  text(name: string): string | undefined {
    return this.#parameters[name];
  }

  secret(name: string): Secret | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : new Secret(text);
  }

  /** Several, with commas between them. */
  urls(name: string): readonly string[] {
    const urls = (this.text(name) ?? '').split(',').filter((url) => url !== '');
    for (const url of urls) {
      if (!['http:', 'https:'].includes(URL.parse(url)?.protocol ?? '')) this.#refuse(name, 'an http or https URL', url);
    }
    return urls;
  }

  /** A whole number from 0 to `most`, times `unit`. */
  number(name: string, most: number, unit = 1): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text !== '' && Number.isInteger(value) && value >= 0 && value <= most) return value * unit;
    this.#refuse(name, `a whole number from 0 to ${most}`, text);
    return undefined;
  }

  protocol(name: string): 'http' | 'https' | undefined {
    const text = this.text(name);
    if (text === undefined || text === 'http' || text === 'https') return text;
    this.#refuse(name, 'http or https', text);
    return undefined;
  }

  #refuse(field: string, expected: string, received: string): void {
    this.issues.push({ field, problem: 'invalid', expected, received: printValue(received) });
  }
}

function readMacAddresses({ macAddresses, inventory }: VirtualAgentOptions, issues: OptionIssue[]): readonly string[] {
  const given = macAddresses ?? addressesOf(inventory) ?? [`52:54:00:${randomBytes(3).toString('hex').replaceAll(/..(?=.)/g, '$&:')}`];
  return given.flatMap((address) => {
    const normal = normalizeMacAddress(address);
    if (normal === undefined) issues.push({ field: 'macAddresses', problem: 'invalid', expected: 'addresses such as 52:54:00:cf:2d:31', received: printValue(address) });
    return normal === undefined ? [] : [normal];
  });
}

function addressesOf(inventory: JsonObject | undefined): readonly string[] | undefined {
  const interfaces = inventory?.['interfaces'];
  if (!Array.isArray(interfaces)) return undefined;
  const addresses = interfaces.map((each) => asObject(each)['mac_address']).filter((address) => typeof address === 'string');
  return addresses.length > 0 ? addresses : undefined;
}

function readDisks(options: VirtualAgentOptions): readonly Disk[] {
  if (!Object.hasOwn(options, 'disk')) return [createVirtualDisk()];
  const { disk } = options;
  if (disk === undefined) return [];
  return Array.isArray(disk) ? (disk as readonly Disk[]) : [disk as Disk];
}
