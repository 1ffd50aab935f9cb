import { createHash } from 'node:crypto';
import { type Clock, systemClock } from '@ferric/core';
import { factorySettings } from '../data/bios-attributes.js';
import { ISCSI_ATTEMPTS } from '../data/iscsi-attempts.js';
import { FACTS, facesOf, type Generation, type GenerationFacts } from '../generations.js';
import { type AccountOptions, Accounts } from './accounts.js';
import { Bios } from './bios.js';
import { Boot, type BootRecord } from './boot.js';
import { bootSources, type SourceKind } from './boot-sources.js';
import { EventLog } from './event-log.js';
import { Firmware, type FirmwareComponent } from './firmware.js';
import { createHardware, type Hardware } from './hardware.js';
import { findHttpsFailure } from './https-source.js';
import { Iscsi } from './iscsi.js';
import type { BootModes, MachineOptions } from './machine-options.js';
import { VirtualMedia } from './media.js';
import { DEFAULT_POST } from './post-timeline.js';
import { DEFAULT_POWER, Power } from './power.js';
import { RaidPlan } from './raid-plan.js';
import { SecureBoot } from './secure-boot.js';
import { Security } from './security.js';
import { Storage } from './storage.js';
import { TrustedCertificates } from './trusted-certificates.js';

/** What the iLO tells of itself and its machine, and what does not change. */
export interface Identity {
  readonly name: string;
  readonly generation: Generation;
  readonly facts: GenerationFacts;
  readonly firmwareVersion: string;
  readonly productName: string;
  readonly serialNumber: string;
  readonly uuid: string;
  readonly bootModes: BootModes;
}

/** One licence of the iLO. */
export interface Licence {
  kind: 'advanced' | 'standard';
  installedAt: Date;
}

/** One ProLiant: everything that all interfaces of its iLO show and change. */
export class Machine implements Disposable {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly hardware: Hardware;
  readonly power: Power;
  readonly boot = new Boot();
  /** Every machine has it; the iLO of Gen8 shows only its boot mode. */
  readonly bios: Bios;
  readonly secureBoot: SecureBoot | undefined;
  readonly media = new VirtualMedia();
  readonly storage: Storage;
  readonly raidPlan: RaidPlan;
  readonly iscsi: Iscsi;
  readonly trustedCertificates = new TrustedCertificates();
  readonly accounts: Accounts;
  readonly security: Security;
  readonly licence: Licence;
  readonly firmware: Firmware;
  readonly managementLog: EventLog;
  readonly iloLog: EventLog;
  /** The light that helps to find the machine. */
  identifyLight: 'On' | 'Off' = 'Off';
  /** The name that the operating system told, or somebody wrote. */
  serverName = '';
  assetTag = '';
  /** Whether everything was erased; that takes no time here. */
  eraseStatus: 'Idle' | 'CompletedWithSuccess' = 'Idle';
  /** Called when new firmware of the iLO makes it start anew. */
  onIloFirmware: (() => void) | undefined;
  /** Aborts what the firmware loads from an address. */
  #loading: AbortController | undefined;

  constructor(name: string, firstUser: AccountOptions, options: MachineOptions) {
    const { generation, clock = systemClock } = options;
    this.clock = clock;
    this.identity = identityOf(name, options);
    this.hardware = createHardware(generation, name, options.hardware ?? {});
    this.accounts = new Accounts([firstUser, ...(options.users ?? [])]);
    this.licence = { kind: options.licence ?? 'advanced', installedAt: clock.now() };
    this.managementLog = new EventLog('IML', clock);
    this.iloLog = new EventLog('IEL', clock);
    this.storage = new Storage({
      clock,
      eraseMs: options.eraseMs ?? 500,
      withLogicalDrive: options.withLogicalDrive ?? true,
      ...(options.drives === undefined ? {} : { drives: options.drives }),
    });
    this.raidPlan = new RaidPlan(this.storage);
    this.iscsi = new Iscsi(...ISCSI_ATTEMPTS[generation === 'gen9' ? 'gen9' : 'gen10']);
    this.bios = new Bios(...this.#settings(options), generation === 'gen9');
    this.secureBoot = generation === 'gen8' || this.identity.bootModes === 'bios' ? undefined : new SecureBoot();
    this.security = new Security(this.accounts, this.secureBoot);
    this.firmware = new Firmware({ clock, updateMs: options.updateMs ?? 400, components: componentsOf(this.identity), finished: (part) => this.#updated(part) });
    this.power = new Power({
      clock,
      durations: { ...DEFAULT_POWER, ...options.powerDurations },
      post: { ...DEFAULT_POST, ...(hasPostState(this.identity) ? {} : { heldForReads: 0 }), ...options.post },
      events: { applyPending: () => this.#applyPending(), boot: () => this.#boot() },
    });
    this.power.watch((change) => this.#noteChange(change));
    this.#discover();
    this.managementLog.write('Informational', 'Maintenance', 'Maintenance note: the machine was set up');
    this.iloLog.write('Informational', `iLO ${this.identity.facts.iloNumber}`, 'Server power removed.');
  }

  /** The modes that it can boot in. */
  get supportedModes(): ReadonlySet<'bios' | 'uefi'> {
    const { bootModes } = this.identity;
    return new Set(bootModes === 'both' ? ['bios', 'uefi'] : [bootModes]);
  }

  #settings({ generation, absentBiosAttributes = [], bootMode }: MachineOptions): readonly [Bios['current'], Bios['defaults']] {
    const factory = factorySettings(generation, absentBiosAttributes);
    const best = this.supportedModes.has('uefi') ? 'uefi' : 'bios';
    return [{ ...factory, BootMode: (bootMode ?? best) === 'uefi' ? 'Uefi' : 'LegacyBios' }, { ...factory, BootMode: best === 'uefi' ? 'Uefi' : 'LegacyBios' }];
  }

  /** @returns how often the machine has to reset itself once more */
  #applyPending(): number {
    const now = this.clock.now();
    const hasBiosChange = this.bios.isChanging;
    this.bios.apply(now);
    this.raidPlan.apply(now);
    this.iscsi.apply();
    this.trustedCertificates.apply();
    const resets = this.#applySecureBoot(hasBiosChange);
    this.media.beginBoot();
    this.#discover();
    return resets;
  }

  /** Gen9 takes a change up only together with another one of its BIOS. Source: proliantutils, ilo/ris.py. */
  #applySecureBoot(hasBiosChange: boolean): number {
    const { secureBoot } = this;
    if (secureBoot === undefined || !secureBoot.isChanging || this.bios.mode !== 'uefi') return 0;
    if (this.identity.generation === 'gen9' && !hasBiosChange) return 0;
    secureBoot.apply();
    this.bios.note('SecureBootStatus', secureBoot.isOn ? 'Enabled' : 'Disabled');
    return 2;
  }

  #discover(): void {
    this.boot.discover(
      bootSources(this.identity.generation, {
        logicalDrives: this.storage.logicalDrives,
        networkPorts: this.hardware.networkPorts,
        hasCdrom: this.media.cdrom.image !== undefined,
        hasFloppy: this.media.floppy.image !== undefined,
        iscsiTarget: this.iscsi.target,
      }),
    );
  }

  #boot(): void {
    const source = this.#findSource();
    const url = this.#bootUrl;
    if (source === 'http' && url?.startsWith('https:') === true) void this.#bootHttps(url);
    else this.#start(source);
  }

  /** An address whose certificate the firmware does not trust is passed over. */
  async #bootHttps(url: string): Promise<void> {
    const loading = new AbortController();
    this.#loading = loading;
    const failure = await findHttpsFailure(url, this.trustedCertificates.trusted.map(({ text }) => text), loading.signal);
    if (loading.signal.aborted) return;
    if (failure === undefined) return this.#start('http');
    this.managementLog.write('Caution', 'Firmware', `HTTP boot: ${url} cannot be loaded: ${failure}`);
    this.#start(this.#findSource(['http']), failure);
  }

  #findSource(without: readonly SourceKind[] = []): BootRecord['source'] {
    const { cdrom } = this.media;
    const { first, rest } = this.boot.candidates(this.bios.mode);
    const mediaFirst: readonly SourceKind[] = cdrom.bootsNext || cdrom.bootOption !== 'NO_BOOT' ? ['cdrom'] : [];
    const wanted = [...mediaFirst, ...(first === undefined ? [] : [first]), ...rest];
    return wanted.find((kind) => kind === 'setup' || (!without.includes(kind) && this.#canBoot(kind))) ?? 'none';
  }

  #start(source: BootRecord['source'], httpsFailure?: string): void {
    const { cdrom, floppy } = this.media;
    const { mode } = this.bios;
    const isOneTime = cdrom.bootsNext || cdrom.bootOption === 'BOOT_ONCE' || this.boot.override.enabled === 'Once';
    const record: BootRecord = {
      at: this.clock.now(),
      mode,
      source,
      image: this.#imageOf(source),
      httpsFailure,
      cdromImage: cdrom.isConnected ? cdrom.image : undefined,
      floppyImage: floppy.isConnected ? floppy.image : undefined,
      isOneTime,
      isSecure: this.secureBoot?.isOn === true && mode === 'uefi',
    };
    this.media.endBoot();
    this.boot.record(record);
  }

  #canBoot(kind: SourceKind): boolean {
    switch (kind) {
      case 'cdrom':
        return this.media.cdrom.image !== undefined && this.media.cdrom.isConnected;
      case 'disk':
        return this.storage.holdsSystem && this.storage.logicalDrives.length > 0;
      case 'http':
        return this.#bootUrl !== undefined && this.bios.mode === 'uefi';
      case 'iscsi':
        return this.iscsi.target !== undefined;
      case 'pxe':
        return this.hardware.networkPorts.length > 0;
      case 'shell':
        return true;
      // A floppy carries parameters, and a stick in a port of the machine does not exist.
      case 'floppy':
      case 'usb':
        return false;
    }
  }

  get #bootUrl(): string | undefined {
    const url = this.bios.current['UrlBootFile'];
    return typeof url === 'string' && url !== '' ? url : undefined;
  }

  #imageOf(source: BootRecord['source']): string | undefined {
    if (source === 'cdrom') return this.media.cdrom.image;
    return source === 'http' ? this.#bootUrl : undefined;
  }

  #noteChange(change: 'on' | 'off' | 'reset'): void {
    this.#loading?.abort();
    const texts = { on: 'Server power restored.', off: 'Server power removed.', reset: 'Server reset.' } as const;
    this.iloLog.write('Informational', `iLO ${this.identity.facts.iloNumber}`, texts[change]);
  }

  #updated(component: FirmwareComponent): void {
    this.managementLog.write('Informational', 'Firmware', `Firmware flashed (${component.name} ${component.version})`);
    if (component.id === 'ilo') this.onIloFirmware?.();
  }

  [Symbol.dispose](): void {
    this.#loading?.abort();
    this.power[Symbol.dispose]();
    this.storage[Symbol.dispose]();
    this.firmware[Symbol.dispose]();
  }
}

/** Whether there is an interface that shows the self test. Otherwise nobody can read it, and nobody is waited for. */
function hasPostState({ generation, firmwareVersion }: Identity): boolean {
  const { ris, redfish } = facesOf(generation, firmwareVersion);
  return ris || redfish !== undefined;
}

function identityOf(name: string, options: MachineOptions): Identity {
  const { generation } = options;
  const facts = FACTS[generation];
  const digits = createHash('sha256').update(name).digest('hex').toUpperCase();
  return {
    name,
    generation,
    facts,
    firmwareVersion: options.firmwareVersion ?? facts.firmwareVersion,
    productName: options.productName ?? facts.productName,
    serialNumber: options.serialNumber ?? `SIM${digits.slice(0, 7)}`,
    uuid: options.uuid ?? [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-'),
    bootModes: options.bootModes ?? (generation === 'gen8' ? 'bios' : 'both'),
  };
}

/** Parts with firmware; the names are those that clients look for. */
function componentsOf({ facts, firmwareVersion }: Identity): readonly FirmwareComponent[] {
  const isOld = facts.oem === 'Hp';
  return [
    { id: 'ilo', name: isOld ? 'iLO' : `iLO ${facts.iloNumber}`, version: firmwareVersion, location: 'System Board' },
    { id: 'bios', name: isOld ? 'HP ProLiant System ROM' : 'System ROM', version: isOld ? facts.romDate : `${facts.romFamily} ${facts.romVersion} (${facts.romDate})`, location: 'System Board' },
    { id: 'cpld', name: 'System Programmable Logic Device', version: '0x0B', location: 'System Board' },
    { id: 'power_pic', name: 'Power Management Controller Firmware', version: '1.0.7', location: 'System Board' },
    { id: 'controller', name: facts.controllerModel, version: '1.62', location: 'Slot 0' },
    { id: 'nic', name: facts.networkAdapter, version: '20.12.41', location: 'Embedded' },
  ];
}
