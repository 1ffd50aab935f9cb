import type { Clock, Secret } from '@ferric/core';
import type { CommandHandlers } from './commands/handlers.js';
import type { VirtualControllers } from './controller.js';
import type { VirtualPowerState } from './machine/machine.js';
import type { VirtualSerialLine } from './sol/serial-line.js';
import type { VirtualCipherSuite } from './wire/suites.js';

/** Levels by their numbers. Source: IPMI 1.5, table 18-16. */
export const PRIVILEGE = { callback: 1, user: 2, operator: 3, administrator: 4, oem: 5 } as const;
export type VirtualPrivilegeLevel = keyof typeof PRIVILEGE;

/** Somebody who may open sessions. */
export interface VirtualUser {
  /** At most 16 bytes. Empty: the null user. */
  readonly name: string;
  /** At most 20 bytes; sessions of IPMI 1.5 use the first 16. */
  readonly password: Secret | string;
  /** The highest level that this user gets. Default administrator. */
  readonly privilegeLevel?: VirtualPrivilegeLevel;
  /** Default true. */
  readonly enabled?: boolean;
}

/** What Get Device ID tells. */
export interface VirtualDeviceId {
  readonly deviceId: number;
  readonly revision: number;
  /** 0..127. */
  readonly firmwareMajor: number;
  /** 0..99. */
  readonly firmwareMinor: number;
  readonly manufacturerId: number;
  readonly productId: number;
  /** Four bytes in the maker's order; null: left out. */
  readonly auxiliaryFirmware: Uint8Array | null;
}

/** One sensor's present value. What is left out comes from the defaults. */
export interface VirtualReading {
  /** Raw byte. Default 0. */
  readonly raw?: number;
  /** Bits of the states 0..14. Default: for sensors with thresholds what the thresholds say, else none. */
  readonly states?: number;
  /** Default true. False: the sensor is not read, its value means nothing. */
  readonly scanning?: boolean;
  /** Default true. False: no value at the moment. */
  readonly available?: boolean;
}

/** Content of one FRU device. */
export interface VirtualFru {
  readonly image: Uint8Array;
  /** Addressed by words instead of bytes. Default false. */
  readonly wordAccess?: boolean;
  /** Default false. */
  readonly writeProtected?: boolean;
}

/** What the LAN parameters say at first. */
export interface VirtualLan {
  /** Default 192.0.2.10. */
  readonly ipAddress?: string;
  /** Default 255.255.255.0. */
  readonly subnetMask?: string;
  /** Default 192.0.2.1. */
  readonly gateway?: string;
  /** Default 02:00:00:00:00:01. */
  readonly macAddress?: string;
  /** Default static. */
  readonly source?: 'static' | 'dhcp';
  /** 1..4094, null: none. Default null. */
  readonly vlanId?: number | null;
}

export interface BmcOptions {
  /** Shown where people look. Default: `bmc-` and the port. */
  readonly name?: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** UDP port. Default 0: a free one. */
  readonly port?: number;
  /** In the order of their ids, which begin with 2; id 1 is the null user. At most 9. Default: `admin` with a generated password, see {@link VirtualBmc.users}. */
  readonly users?: readonly VirtualUser[];
  /** Key of the BMC itself (Kg) as hexadecimal digits, at most 20 bytes. Default none: the password stands in for it. */
  readonly kgKey?: Secret | string;
  /** Suites offered. Default 3 and 17; 0 asks for no password at all. */
  readonly cipherSuites?: readonly VirtualCipherSuite[];
  /** Ways to log in with IPMI 1.5; empty: it is not spoken. Default MD5 and password. */
  readonly legacyAuthentication?: readonly ('md5' | 'password')[];
  /** Whether packets of IPMI 1.5 are checked one by one. Default true. */
  readonly perMessageAuthentication?: boolean;
  /** 1..63, default 4. */
  readonly sessionLimit?: number;
  /** A session without a packet ends after this time. Milliseconds, default 60000. Source: IPMI 1.5, section 12.2.6. */
  readonly sessionTimeoutMs?: number;
  readonly clock?: Clock;
  readonly deviceId?: Partial<VirtualDeviceId>;
  /** 16 bytes in the order of the wire; null: not told. Default: made from the name. */
  readonly guid?: Uint8Array | null;
  /** Records of the SDR repository. An id of 0 is replaced by a free one. Default: a small server's. */
  readonly sdr?: readonly Uint8Array[];
  /** Bytes that one Get SDR returns at most, 8..255. Default 32. */
  readonly sdrReadLimitBytes?: number;
  /** Present values by sensor number, of sensors that the BMC itself has. Default: sensible ones for the default records, else raw 0. */
  readonly readings?: Readonly<Record<number, VirtualReading>>;
  /** Entries of the event log, 16 bytes each, with ids. Default: three. */
  readonly sel?: readonly Uint8Array[];
  /** Entries that the log holds. Default 512. */
  readonly selCapacity?: number;
  /** How long clearing the log takes. Milliseconds, default 0. */
  readonly selEraseMs?: number;
  /** FRU devices by their ids. Default: 0 with chassis, board and product. */
  readonly fru?: Readonly<Record<number, VirtualFru>>;
  /** Bytes that one Read FRU Data returns at most, 8..255. Default 32. */
  readonly fruReadLimitBytes?: number;
  readonly lan?: VirtualLan;
  /** What is at the other end of serial over LAN; null: it is not offered. Default: a login prompt. */
  readonly serialLine?: VirtualSerialLine | null;
  /** Controllers that Send Message reaches, by their 8-bit addresses. */
  readonly controllers?: VirtualControllers;
  /** Whether the answer of a bridged command comes inside the answer of Send Message or by itself after it. Default `separate`, as IPMI 1.5, section 18.7 has it. */
  readonly bridgedAnswers?: 'inside' | 'separate';
  /** Further commands, or others in place of the BMC's own. */
  readonly handlers?: CommandHandlers;
  /** What happens to a request that comes again: answered from memory, carried out again, or answered with CFh. Default `answer`. */
  readonly repeatedRequests?: 'answer' | 'carry out' | 'refuse';
  /** Default power off. */
  readonly power?: VirtualPowerState;
  /** Whether the operating system obeys a soft shutdown. Default true. */
  readonly obeysSoftShutdown?: boolean;
  /** Time between the answer to Chassis Control and what it does. Milliseconds, default 0. */
  readonly actionDelayMs?: number;
  /** How long a power cycle leaves the machine off. Milliseconds, default 0. */
  readonly cycleOffMs?: number;
  /** How long the BMC is away after a reset of itself. Milliseconds, default 0. */
  readonly restartMs?: number;
  /** Told of each command that was answered, for people who watch. */
  readonly onCommand?: (command: SeenCommand) => void;
}

/** A command as {@link BmcOptions.onCommand} is told of it. */
export interface SeenCommand {
  readonly netFn: number;
  readonly lun: number;
  readonly command: number;
  /** Not given for commands that carry a password. */
  readonly data: Uint8Array | null;
  readonly completionCode: number;
  /** Who asked; null outside a session. */
  readonly user: string | null;
}
