import type { Clock } from '@ferric/core';
import { readBootFlags, type VirtualBootChoice, withoutValidBit, writeBootFlags } from './boot-flags.js';

/** Parameters of Get and Set System Boot Options that this BMC keeps. Source: IPMI 1.5, table 22-12. */
export const BOOT_PARAMETER = {
  setInProgress: 0,
  validBitClearing: 3,
  acknowledge: 4,
  flags: 5,
  initiator: 6,
  mailbox: 7,
} as const;

/** The valid bit goes when no restart follows within this time. Source: IPMI 1.5, table 22-12, parameter 3. */
const VALID_MS = 60_000;
/** Bits of parameter 3: what does not clear the valid bit. */
const KEEP_ON_BUTTON = 0x01;
const KEEP_ON_TIMEOUT = 0x08;

const NO_FLAGS = Uint8Array.of(0, 0, 0, 0, 0);
const DEFAULTS: Readonly<Record<number, Uint8Array>> = {
  [BOOT_PARAMETER.setInProgress]: Uint8Array.of(0),
  [BOOT_PARAMETER.validBitClearing]: Uint8Array.of(0),
  [BOOT_PARAMETER.acknowledge]: Uint8Array.of(0, 0),
  [BOOT_PARAMETER.initiator]: new Uint8Array(9),
};

/** The boot options of one machine: what was written, and when it loses its validity. */
export interface BootOptions {
  /** Data of a parameter other than flags and mailbox. */
  read(parameter: number): Uint8Array;
  write(parameter: number, data: Uint8Array): void;
  /** The five bytes, with the valid bit as it is now. */
  readonly flags: Uint8Array;
  writeFlags(flags: Uint8Array): void;
  /** What the flags say now; undefined: nothing valid. */
  readonly choice: VirtualBootChoice | undefined;
  /** Sets the flags as somebody at the machine would: they stay valid. Undefined clears them. */
  choose(choice: VirtualBootChoice | undefined): void;
  /** Marks of parameters as invalid or locked, by number. */
  readonly locked: Set<number>;
  readonly mailbox: Map<number, Uint8Array>;
  /** The machine starts: yields what it boots from, and uses a choice for one time up. */
  consume(cause: 'command' | 'button'): VirtualBootChoice;
}

export function createBootOptions(clock: Clock): BootOptions {
  const written = new Map<number, Uint8Array>();
  const locked = new Set<number>();
  const mailbox = new Map<number, Uint8Array>();
  let flags: Uint8Array = NO_FLAGS;
  let validUntil = Number.POSITIVE_INFINITY;

  const read = (parameter: number): Uint8Array => written.get(parameter) ?? DEFAULTS[parameter] ?? new Uint8Array();
  const keeps = (bit: number): boolean => ((read(BOOT_PARAMETER.validBitClearing)[0] ?? 0) & bit) !== 0;
  const current = (): Uint8Array => {
    if (clock.monotonicMs() >= validUntil && !keeps(KEEP_ON_TIMEOUT)) flags = withoutValidBit(flags);
    return flags;
  };

  return {
    read,
    locked,
    mailbox,
    write(parameter, data) {
      written.set(parameter, Uint8Array.from(data));
    },
    get flags() {
      return current();
    },
    writeFlags(data) {
      flags = Uint8Array.from(data);
      validUntil = clock.monotonicMs() + VALID_MS;
    },
    get choice() {
      return readBootFlags(current());
    },
    choose(choice) {
      flags = choice === undefined ? NO_FLAGS : writeBootFlags(choice);
      validUntil = Number.POSITIVE_INFINITY;
    },
    consume(cause) {
      const choice = readBootFlags(current());
      const forgotten = cause === 'button' && choice?.persistent === false && !keeps(KEEP_ON_BUTTON);
      if (choice === undefined || forgotten) {
        flags = withoutValidBit(flags);
        return { device: 'none', efi: choice?.efi ?? false, persistent: false };
      }
      // The firmware has seen it; what holds for all starts is no longer bound to the minute.
      if (choice.persistent) validUntil = Number.POSITIVE_INFINITY;
      else flags = withoutValidBit(flags);
      return choice;
    },
  };
}
