import { invalidOptions, type OptionIssue, printValue } from '@ferric/core';

/** How a unit takes what clients say. May be changed while it runs. */
export interface IbootUnitBehaviour {
  /** What it speaks: DxP; the text of older models; or DxP with AES, which answers nothing that a plain client understands. Default `dxp`. */
  mode: 'dxp' | 'text' | 'encrypted';
  /** Default `close`: no source says what a unit does. */
  onWrongCredentials: 'close' | 'silence';
  /** Default `close`; `accept` is a unit that does not look at the number. */
  onWrongSequence: 'close' | 'silence' | 'accept';
  /** Sends each byte of an answer by itself, this long after the one before. Milliseconds; default 0: answers go out whole. */
  splitBytesMs: number;
}

export interface IbootUnitOptions extends Partial<IbootUnitBehaviour> {
  /** Shown in logs and demos. Default: a generated name. */
  readonly name?: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** TCP port, default 0: a free one. */
  readonly port?: number;
  /** How many relays it has, 1..32, default 8. All are off at first. */
  readonly relays?: number;
  /** At most 20 bytes. Default `admin`. */
  readonly username?: string;
  /** At most 20 bytes. Default: made up. */
  readonly password?: string;
  /** The number of its first relay on the wire, 0 or 1, default 1. */
  readonly relayBase?: 0 | 1;
  /** What it answers to each hello. Default: by chance, as units do. */
  readonly helloSequence?: number;
  /** Is told of each connection and command in one line for people, without the password. */
  readonly onLine?: (line: string) => void;
}

const RANGES: readonly (readonly [field: keyof IbootUnitOptions, min: number, max: number])[] = [
  ['port', 0, 65_535], ['relays', 1, 32], ['relayBase', 0, 1], ['helloSequence', 0, 65_535], ['splitBytesMs', 0, 60_000],
];

/** @throws INVALID_OPTIONS for a unit that cannot exist. */
export function checkUnitOptions(options: IbootUnitOptions): void {
  const issues = RANGES.flatMap(([field, min, max]): OptionIssue[] => {
    const value = options[field];
    if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max)) return [];
    return [{ field, problem: 'invalid', expected: `a whole number from ${min} to ${max}`, received: printValue(value) }];
  });
  for (const field of ['username', 'password'] as const) {
    const value = options[field];
    if (value !== undefined && (Buffer.byteLength(value) > 20 || value.includes('\0'))) {
      issues.push({ field, problem: 'invalid', expected: 'a text of at most 20 bytes without a NUL' });
    }
  }
  if (issues.length > 0) throw invalidOptions('Simulated iBoot unit', issues);
}
