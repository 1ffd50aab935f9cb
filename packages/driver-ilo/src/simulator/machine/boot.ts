import type { BootSource, SourceKind } from './boot-sources.js';

/** Targets of a boot override that every iLO knows. Source: DMTF ComputerSystem schema, Boot.BootSourceOverrideTarget. */
export const OVERRIDE_TARGETS = ['None', 'Cd', 'Hdd', 'Usb', 'Utilities', 'Diags', 'BiosSetup', 'Pxe', 'UefiShell', 'UefiTarget'] as const;
export type OverrideTarget = (typeof OVERRIDE_TARGETS)[number] | 'UefiHttp' | 'SDCard';

/** What is to be booted from instead of the first of the order. */
export interface BootOverride {
  readonly enabled: 'Disabled' | 'Once' | 'Continuous';
  readonly target: OverrideTarget;
  /** The device path or name for the target `UefiTarget`. */
  readonly uefiTarget: string;
}

export const NO_OVERRIDE: BootOverride = { enabled: 'Disabled', target: 'None', uefiTarget: 'None' };

/** The devices that the order of a machine in BIOS mode knows, as RIBCL names them. */
export const LEGACY_DEVICES = ['CDROM', 'FLOPPY', 'USB', 'HDD', 'NETWORK'] as const;
export type LegacyDevice = (typeof LEGACY_DEVICES)[number];

/** What the machine came up with. */
export interface BootRecord {
  readonly at: Date;
  readonly mode: 'bios' | 'uefi';
  /** `none`: nothing could be booted from. */
  readonly source: SourceKind | 'setup' | 'none';
  /** The image or URL that was booted. */
  readonly image: string | undefined;
  /** Why an https address that was to be booted could not be: the certificate there is not trusted, or nobody answers. */
  readonly httpsFailure: string | undefined;
  /** What else was in a drive at that moment. */
  readonly floppyImage: string | undefined;
  readonly cdromImage: string | undefined;
  /** Whether the choice was for this time only. */
  readonly isOneTime: boolean;
  readonly isSecure: boolean;
}

const KIND_OF_TARGET: Readonly<Record<OverrideTarget, SourceKind | 'setup' | undefined>> = {
  None: undefined,
  Cd: 'cdrom',
  Hdd: 'disk',
  Usb: 'usb',
  SDCard: 'usb',
  Utilities: 'setup',
  Diags: 'setup',
  BiosSetup: 'setup',
  Pxe: 'pxe',
  UefiShell: 'shell',
  UefiHttp: 'http',
  UefiTarget: undefined,
};

const KIND_OF_LEGACY: Readonly<Record<LegacyDevice, SourceKind>> = { CDROM: 'cdrom', FLOPPY: 'floppy', USB: 'usb', HDD: 'disk', NETWORK: 'pxe' };

/** How many starts are remembered. */
const MOST_RECORDS = 100;

/** What the machine boots from, and what it booted from. */
export class Boot {
  override: BootOverride = NO_OVERRIDE;
  sources: readonly BootSource[] = [];
  legacyOrder: readonly LegacyDevice[] = ['CDROM', 'FLOPPY', 'USB', 'HDD', 'NETWORK'];
  #order: readonly string[] = [];
  #pendingOrder: readonly string[] | undefined;
  readonly #records: BootRecord[] = [];
  readonly #listeners = new Set<(record: BootRecord) => void>();

  /** Names of the sources, first one first. */
  get order(): readonly string[] {
    return this.#order;
  }

  get pendingOrder(): readonly string[] {
    return this.#pendingOrder ?? this.#order;
  }

  /** The sources, first one first. */
  get orderedSources(): readonly BootSource[] {
    return this.#order.flatMap((name) => this.sources.filter((source) => source.name === name));
  }

  /** Each start since the simulator started, the latest of them last. */
  get records(): readonly BootRecord[] {
    return this.#records;
  }

  /** Notes an order for the next start; what it leaves out follows as it stood. */
  reorder(names: readonly string[]): void {
    this.#pendingOrder = [...names, ...this.#order.filter((name) => !names.includes(name))];
  }

  /** The firmware looks for devices: new ones come last, and what is gone is no longer listed. */
  discover(sources: readonly BootSource[]): void {
    this.sources = sources;
    const names = sources.map(({ name }) => name);
    const order = this.pendingOrder.filter((name) => names.includes(name));
    this.#order = [...order, ...names.filter((name) => !order.includes(name))];
    this.#pendingOrder = undefined;
  }

  /** What would be booted from, best first, and whether the first is for once. */
  candidates(mode: 'bios' | 'uefi'): { readonly first: SourceKind | 'setup' | undefined; readonly rest: readonly SourceKind[] } {
    const rest = mode === 'uefi' ? this.orderedSources.map(({ kind }) => kind) : this.legacyOrder.map((device) => KIND_OF_LEGACY[device]);
    return { first: this.#overrideKind(), rest };
  }

  #overrideKind(): SourceKind | 'setup' | undefined {
    const { enabled, target, uefiTarget } = this.override;
    if (enabled === 'Disabled') return undefined;
    if (target !== 'UefiTarget') return KIND_OF_TARGET[target];
    return this.sources.find(({ name, devicePath }) => name === uefiTarget || devicePath === uefiTarget)?.kind;
  }

  /** Writes down a start, ends what was for once, and tells of it. */
  record(record: BootRecord): void {
    if (this.override.enabled === 'Once') this.override = NO_OVERRIDE;
    this.#records.push(record);
    if (this.#records.length > MOST_RECORDS) this.#records.shift();
    for (const listener of this.#listeners) listener(record);
  }

  watch(listener: (record: BootRecord) => void): Disposable {
    const own = (record: BootRecord): void => listener(record);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }
}
