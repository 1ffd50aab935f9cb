import type { Clock } from '@ferric/core';
import type { Settings } from './settings.js';

/** What an iPXE run comes to, other than its end. */
export type BootOutcome =
  | { readonly kind: 'kernel'; readonly url: string; readonly commandLine: string; readonly initrds: readonly string[] }
  | { readonly kind: 'disk' }
  | { readonly kind: 'iso'; readonly url: string }
  | { readonly kind: 'power off' }
  | { readonly kind: 'reboot' }
  | { readonly kind: 'shell' }
  | { readonly kind: 'hung'; readonly why: string };

/** How a script ended that did not boot anything: 0 is success. */
export interface ScriptEnd {
  readonly status: number;
}

/** A file that was downloaded. */
export interface LoadedImage {
  readonly name: string;
  readonly url: string;
  readonly kind: 'kernel' | 'initrd' | 'other';
  /** What was written behind it. */
  readonly arguments: readonly string[];
}

/** What commands of a script act on: one machine while its iPXE runs. */
export interface IpxeMachine {
  readonly platform: 'pcbios' | 'efi';
  readonly settings: Settings;
  readonly images: LoadedImage[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  commandCount: number;
  /** The URL of the script that runs; others are relative to it. */
  baseUrl: string;
  /** Writes a line to the console. */
  tell(line: string): void;
  /** Downloads, follows redirects, and forgets the bytes. Undefined for anything but status 200. */
  fetch(url: string, keep: 'text' | 'nothing'): Promise<string | undefined>;
  /** Whether there is something on the disk to boot. */
  hasSystem(): Promise<boolean>;
}

/** Thrown by what does not come back: the machine does something else now. */
export class Finished extends Error {
  readonly outcome: BootOutcome;

  constructor(outcome: BootOutcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}
