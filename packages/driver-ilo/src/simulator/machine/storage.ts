import type { Clock, Timer } from '@ferric/core';

export type MediaType = 'HDD' | 'SSD';
export type DriveInterface = 'SAS' | 'SATA' | 'NVMe';

export interface PhysicalDrive {
  readonly id: string;
  /** Port, box and bay: `1I:1:1`. */
  readonly location: string;
  readonly capacityMib: number;
  readonly mediaType: MediaType;
  readonly interfaceType: DriveInterface;
  /** Rounds a minute; 0 for SSD. */
  readonly rotationalSpeed: number;
  readonly model: string;
  readonly serialNumber: string;
  /** How far it is with being erased. */
  erase: 'None' | 'EraseInProgress' | 'EraseCompleted';
}

/** Levels as the standard Redfish schema names them without their prefix; `10` is mirrored stripes. */
export const RAID_LEVELS = ['0', '1', '5', '6', '10', '50', '60', '1ADM', '10ADM'] as const;
export type RaidLevel = (typeof RAID_LEVELS)[number];

export interface LogicalDrive {
  readonly number: number;
  readonly name: string;
  readonly level: RaidLevel;
  readonly capacityMib: number;
  /** Locations of its drives. */
  readonly drives: readonly string[];
  /** 32 hexadecimal digits in upper case. */
  readonly uniqueIdentifier: string;
}

/** What a new logical drive shall be. */
export interface LogicalDriveRequest {
  readonly level: RaidLevel;
  /** Undefined: as much as the drives hold. */
  readonly capacityMib?: number;
  readonly drives: readonly string[];
  readonly name?: string;
}

export interface DriveOptions {
  readonly capacityGib: number;
  readonly mediaType?: MediaType;
  readonly interfaceType?: DriveInterface;
  readonly rotationalSpeed?: number;
}

const DEFAULT_DRIVES: readonly DriveOptions[] = [{ capacityGib: 558 }, { capacityGib: 558 }, { capacityGib: 447, mediaType: 'SSD', interfaceType: 'SATA' }];

/** Fewest drives of a level, and how many of `count` drives hold data. */
const LEVELS: Readonly<Record<RaidLevel, { readonly least: number; readonly usable: (count: number) => number }>> = {
  '0': { least: 1, usable: (count) => count },
  '1': { least: 2, usable: () => 1 },
  '1ADM': { least: 3, usable: () => 1 },
  '5': { least: 3, usable: (count) => count - 1 },
  '6': { least: 4, usable: (count) => count - 2 },
  '10': { least: 4, usable: (count) => Math.floor(count / 2) },
  '10ADM': { least: 6, usable: (count) => Math.floor(count / 3) },
  '50': { least: 6, usable: (count) => count - 2 },
  '60': { least: 8, usable: (count) => count - 4 },
};

/** The drives of the machine behind one RAID controller. */
export class Storage implements Disposable {
  readonly drives: readonly PhysicalDrive[];
  /** Whether a logical drive holds a system that starts. Default true. */
  holdsSystem = true;
  readonly #clock: Clock;
  readonly #eraseMs: number;
  readonly #timers = new Set<Timer>();
  #logicalDrives: LogicalDrive[] = [];
  #created = 0;

  constructor(settings: { readonly clock: Clock; readonly eraseMs: number; readonly drives?: readonly DriveOptions[]; readonly withLogicalDrive: boolean }) {
    this.#clock = settings.clock;
    this.#eraseMs = settings.eraseMs;
    this.drives = (settings.drives ?? DEFAULT_DRIVES).map(toDrive);
    const [first, second] = this.drives;
    if (!settings.withLogicalDrive || first === undefined) return;
    if (second?.mediaType === first.mediaType) this.create({ level: '1', drives: [first.location, second.location] });
    else this.create({ level: '0', drives: [first.location] });
  }

  get logicalDrives(): readonly LogicalDrive[] {
    return this.#logicalDrives;
  }

  drive(location: string): PhysicalDrive | undefined {
    return this.drives.find((drive) => drive.location === location);
  }

  /** Drives that belong to no logical drive. */
  get unassigned(): readonly PhysicalDrive[] {
    const taken = new Set(this.#logicalDrives.flatMap(({ drives }) => drives));
    return this.drives.filter(({ location }) => !taken.has(location));
  }

  /** @returns what is wrong with the request, or the new logical drive */
  create(request: LogicalDriveRequest): LogicalDrive | 'too few drives' | 'no such drive' | 'drive taken' | 'too large' {
    const found = request.drives.map((location) => this.drive(location));
    const drives = found.filter((drive) => drive !== undefined);
    if (drives.length < found.length) return 'no such drive';
    const { least, usable } = LEVELS[request.level];
    if (drives.length < least) return 'too few drives';
    if (drives.some((drive) => !this.unassigned.includes(drive))) return 'drive taken';
    const mostMib = Math.min(...drives.map(({ capacityMib }) => capacityMib)) * usable(drives.length);
    if ((request.capacityMib ?? 0) > mostMib) return 'too large';
    this.#created += 1;
    const number = 1 + Math.max(0, ...this.#logicalDrives.map((drive) => drive.number));
    const drive: LogicalDrive = {
      number,
      name: request.name ?? `LogicalDrive_${number}`,
      level: request.level,
      capacityMib: request.capacityMib ?? mostMib,
      drives: request.drives,
      uniqueIdentifier: `600508B1001C${this.#created.toString(16).toUpperCase().padStart(20, '0')}`,
    };
    this.#logicalDrives.push(drive);
    return drive;
  }

  /** @returns false when there is none */
  remove(uniqueIdentifier: string): boolean {
    const before = this.#logicalDrives.length;
    this.#logicalDrives = this.#logicalDrives.filter((drive) => drive.uniqueIdentifier !== uniqueIdentifier);
    return this.#logicalDrives.length < before;
  }

  /** Begins to erase drives; they are done after a while. */
  erase(locations: readonly string[]): void {
    for (const drive of this.drives.filter(({ location }) => locations.includes(location))) {
      drive.erase = 'EraseInProgress';
      this.#timers.add(this.#clock.after(this.#eraseMs, () => void (drive.erase = 'EraseCompleted')));
    }
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#timers.clear();
  }
}

function toDrive(options: DriveOptions, index: number): PhysicalDrive {
  const { mediaType = 'HDD', interfaceType = 'SAS' } = options;
  return {
    id: String(index),
    location: `1I:1:${index + 1}`,
    capacityMib: options.capacityGib * 1024,
    mediaType,
    interfaceType,
    rotationalSpeed: mediaType === 'HDD' ? (options.rotationalSpeed ?? 10_000) : 0,
    model: mediaType === 'HDD' ? 'EG0600FBVFP' : 'VK000480GWEZB',
    serialNumber: `SIM${String(index + 1).padStart(5, '0')}`,
    erase: 'None',
  };
}
