import { createHash, randomBytes } from 'node:crypto';
import { type Clock, invalidOptions, type OptionIssue, Secret, systemClock } from '@ferric/core';
import { LEGACY_AUTH_TYPES } from './commands/channel.js';
import { lanDefaults } from './commands/lan-parameters.js';
import { type CommandTable, commandTable } from './commands/table.js';
import { DEFAULT_FRU_IMAGE } from './content/fru-image.js';
import { DEFAULT_READINGS, DEFAULT_SDR } from './content/default-sdr.js';
import { DEFAULT_SEL } from './content/default-sel.js';
import type { VirtualControllers } from './controller.js';
import type { MachineSettings } from './machine/machine.js';
import { optionsIssues } from './options-issues.js';
import type { BmcOptions, SeenCommand, VirtualDeviceId, VirtualFru, VirtualReading, VirtualUser } from './options.js';
import type { EventLogSettings } from './records/event-log.js';
import { createSdrRepository, type SdrRepository } from './records/sdr-repository.js';
import { type StoredUser, storeUsers } from './records/users.js';
import type { SessionTableSettings } from './session/session-table.js';
import { createLoginLine, type VirtualSerialLine } from './sol/serial-line.js';
import { type Suite, suiteOf } from './wire/suites.js';

/** Options as the BMC works with them. Immutable, so that many BMCs may share all but name and GUID. */
export interface BmcSettings {
  readonly name: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly givenUsers: readonly VirtualUser[];
  readonly users: readonly StoredUser[];
  readonly kgKey: Buffer | undefined;
  /** By id, weakest first. */
  readonly cipherSuites: readonly Suite[];
  readonly legacyAuthTypes: ReadonlySet<number>;
  readonly perMessageAuthentication: boolean;
  readonly sessions: SessionTableSettings;
  readonly clock: Clock;
  readonly deviceId: VirtualDeviceId;
  /** Null: not told. */
  readonly guid: Uint8Array | null;
  readonly sdr: SdrRepository;
  /** When the records were written, seconds since 1970. */
  readonly sdrAdded: number;
  readonly sdrReadLimitBytes: number;
  readonly readings: Readonly<Record<number, VirtualReading>>;
  readonly log: EventLogSettings;
  readonly fru: Readonly<Record<number, VirtualFru>>;
  readonly fruReadLimitBytes: number;
  readonly lan: ReadonlyMap<number, Uint8Array>;
  /** A function, for each BMC has a line of its own unless one was given. Null: serial over LAN is not offered. */
  readonly serialLine: (() => VirtualSerialLine) | null;
  readonly controllers: VirtualControllers;
  readonly bridgedAnswers: 'inside' | 'separate';
  readonly commands: CommandTable;
  readonly repeatedRequests: 'answer' | 'carry out' | 'refuse';
  readonly machine: MachineSettings;
  readonly restartMs: number;
  readonly onCommand: ((command: SeenCommand) => void) | undefined;
}

const DEVICE_ID: VirtualDeviceId = {
  deviceId: 0x20,
  revision: 1,
  firmwareMajor: 2,
  firmwareMinor: 13,
  // Reserved by IANA, so no maker's.
  manufacturerId: 0,
  productId: 0x1001,
  auxiliaryFirmware: Uint8Array.of(0x01, 0x02, 0x03, 0x04),
};
const SDR_WRITTEN = Date.UTC(2026, 0, 15) / 1000;

/** What holds unless the options say otherwise, as {@link BmcOptions} tells it. */
const DEFAULTS = {
  host: '127.0.0.1',
  port: 0,
  cipherSuites: [3, 17],
  legacyAuthentication: ['md5', 'password'],
  perMessageAuthentication: true,
  sessionLimit: 4,
  sessionTimeoutMs: 60_000,
  clock: systemClock,
  sdrReadLimitBytes: 32,
  sel: DEFAULT_SEL,
  selCapacity: 512,
  selEraseMs: 0,
  fru: { 0: { image: DEFAULT_FRU_IMAGE } },
  fruReadLimitBytes: 32,
  lan: {},
  controllers: {},
  bridgedAnswers: 'separate',
  handlers: {},
  repeatedRequests: 'answer',
  power: 'power off',
  obeysSoftShutdown: true,
  actionDelayMs: 0,
  cycleOffMs: 0,
  restartMs: 0,
} as const satisfies BmcOptions;

/** Checks options and fills in what is left out. Throws INVALID_OPTIONS with all that is wrong. */
export function resolveSettings(options: BmcOptions): BmcSettings {
  const issues: readonly OptionIssue[] = optionsIssues(options);
  if (issues.length > 0) throw invalidOptions('BMC options', issues);
  const given: BmcOptions & Required<Pick<BmcOptions, keyof typeof DEFAULTS>> = { ...DEFAULTS, ...withoutUndefined(options) };
  const givenUsers = given.users ?? [{ name: 'admin', password: new Secret(randomBytes(8).toString('hex')) }];
  const cipherSuites = given.cipherSuites.toSorted((left, right) => left - right).map(suiteOf);
  const legacyAuthTypes = new Set<number>(given.legacyAuthentication.map((type) => LEGACY_AUTH_TYPES[type]));
  return {
    ...given,
    name: given.name,
    givenUsers,
    users: storeUsers(givenUsers),
    kgKey: given.kgKey === undefined ? undefined : Buffer.from(Secret.from(given.kgKey).reveal(), 'hex'),
    cipherSuites,
    legacyAuthTypes,
    sessions: { limit: given.sessionLimit, timeoutMs: given.sessionTimeoutMs },
    deviceId: { ...DEVICE_ID, ...given.deviceId },
    guid: given.guid === undefined ? guidOf(given.name ?? 'virtual BMC') : given.guid,
    ...recordsOf(given),
    log: { entries: given.sel, capacity: given.selCapacity, eraseMs: given.selEraseMs },
    lan: lanDefaults(given.lan, legacyAuthTypes, cipherSuites.map(({ id }) => id)),
    serialLine: lineOf(given.serialLine),
    commands: commandTable(given.handlers),
    machine: { power: given.power, obeysSoftShutdown: given.obeysSoftShutdown, actionDelayMs: given.actionDelayMs, cycleOffMs: given.cycleOffMs },
    onCommand: given.onCommand,
  };
}

function withoutUndefined(options: BmcOptions): BmcOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as BmcOptions;
}

/** Values of its own belong to records of its own. */
function recordsOf({ sdr, readings }: BmcOptions): Pick<BmcSettings, 'sdr' | 'sdrAdded' | 'readings'> {
  if (sdr === undefined) return { sdr: defaultRepository(), sdrAdded: SDR_WRITTEN, readings: readings ?? DEFAULT_READINGS };
  return { sdr: createSdrRepository(sdr), sdrAdded: SDR_WRITTEN, readings: readings ?? {} };
}

function lineOf(line: VirtualSerialLine | null | undefined): BmcSettings['serialLine'] {
  if (line === null) return null;
  return line === undefined ? createLoginLine : () => line;
}

let builtRepository: SdrRepository | undefined;
function defaultRepository(): SdrRepository {
  builtRepository ??= createSdrRepository(DEFAULT_SDR);
  return builtRepository;
}

/** Sixteen bytes made from a name, in the order of the wire: a UUID of version 4 when its bytes are reversed. */
export function guidOf(name: string): Uint8Array {
  const uuid = createHash('sha256').update(name).digest().subarray(0, 16);
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x40;
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  return Uint8Array.from(uuid).toReversed();
}
