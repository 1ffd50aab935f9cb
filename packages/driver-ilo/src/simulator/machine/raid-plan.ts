import type { JsonObject, JsonValue } from '@ferric/core';
import { RAID_LEVELS, type RaidLevel, type Storage } from './storage.js';

// What a client writes to the settings of the RAID controller takes effect with the next start of the machine.
// Source: HPE iLO 5 RESTful API, SmartStorageConfig.

/** Key of a message of the controller: `Success`, or what was wrong. */
export type RaidMessage = string;

/** Leave no logical drive. Source: HPE ilorest, FactoryResetControllerCommand.py and ClearControllerConfigCommand.py. */
const CLEARING: ReadonlySet<string> = new Set(['FactoryReset', 'ClearConfigurationMetadata']);

/** The changes of the RAID controller that wait for the next start. */
export class RaidPlan {
  readonly #storage: Storage;
  #plan: JsonObject | undefined;
  messages: readonly RaidMessage[] = ['Success'];
  appliedAt: Date | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** What was written and has not been taken up. */
  get pending(): JsonObject | undefined {
    return this.#plan;
  }

  write(plan: JsonObject): void {
    this.#plan = plan;
  }

  apply(now: Date): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    this.#plan = undefined;
    this.appliedAt = now;
    const problems = [...this.#erase(objects(plan['Actions'])), ...(plan['LogicalDrives'] === undefined ? [] : this.#arrange(plan))];
    this.messages = problems.length === 0 ? ['Success'] : problems;
  }

  #erase(actions: readonly JsonObject[]): readonly RaidMessage[] {
    return actions.flatMap((action): RaidMessage[] => {
      if (CLEARING.has(String(action['Action']))) {
        for (const { uniqueIdentifier } of this.#storage.logicalDrives) this.#storage.remove(uniqueIdentifier);
        return [];
      }
      if (action['Action'] !== 'PhysicalDriveErase') return ['UnsupportedAction'];
      const locations = texts(action['PhysicalDriveList']);
      const free = new Set(this.#storage.unassigned.map(({ location }) => location));
      if (locations.length === 0 || !locations.every((location) => free.has(location))) return ['EraseFailed'];
      this.#storage.erase(locations);
      return [];
    });
  }

  #arrange(plan: JsonObject): readonly RaidMessage[] {
    const wanted = objects(plan['LogicalDrives']);
    const kept = new Set(wanted.filter((drive) => objects(drive['Actions']).length === 0).map((drive) => drive['VolumeUniqueIdentifier']));
    const doomed = wanted.filter((drive) => objects(drive['Actions']).some((action) => action['Action'] === 'LogicalDriveDelete'));
    if (plan['DataGuard'] === 'Strict' && doomed.length > 0) return ['DataGuardViolation'];
    const missing = doomed.filter((drive) => !this.#storage.remove(String(drive['VolumeUniqueIdentifier'])));
    // Without the guard, a drive that is not listed goes.
    if (plan['DataGuard'] === 'Disabled') {
      for (const { uniqueIdentifier } of this.#storage.logicalDrives) if (!kept.has(uniqueIdentifier)) this.#storage.remove(uniqueIdentifier);
    }
    const created = wanted.filter((drive) => drive['VolumeUniqueIdentifier'] === undefined).flatMap((drive) => this.#create(drive));
    return [...missing.map(() => 'LogicalDriveNotFound'), ...created];
  }

  #create(drive: JsonObject): readonly RaidMessage[] {
    const level = RAID_LEVELS.find((each) => drive['Raid'] === `Raid${each}`);
    if (level === undefined) return ['InvalidRaidLevel'];
    const drives = Array.isArray(drive['DataDrives']) ? texts(drive['DataDrives']) : this.#choose(asObject(drive['DataDrives']), level);
    const gib = Number(drive['CapacityGiB'] ?? -1);
    const result = this.#storage.create({
      level,
      drives,
      ...(gib > 0 ? { capacityMib: gib * 1024 } : {}),
      ...(typeof drive['LogicalDriveName'] === 'string' ? { name: drive['LogicalDriveName'] } : {}),
    });
    return typeof result === 'string' ? [PROBLEMS[result]] : [];
  }

  /** The drives for a number, a kind and an interface. */
  #choose(wish: JsonObject, level: RaidLevel): readonly string[] {
    const { DataDriveCount: count = 1, DataDriveMediaType: media, DataDriveInterfaceType: transport } = wish;
    const fitting = this.#storage.unassigned.filter(
      (drive) => (media === undefined || drive.mediaType === media) && (transport === undefined || drive.interfaceType === transport),
    );
    const first = fitting[0];
    // Drives of one kind only: they do not mix in an array.
    const alike = fitting.filter(({ mediaType, interfaceType }) => mediaType === first?.mediaType && interfaceType === first.interfaceType);
    const enough = alike.length >= Number(count) ? alike : fitting;
    return level === '0' && enough.length === 0 ? [] : enough.slice(0, Number(count)).map(({ location }) => location);
  }
}

const PROBLEMS: Readonly<Record<'too few drives' | 'no such drive' | 'drive taken' | 'too large', RaidMessage>> = {
  'too few drives': 'NotEnoughDrives',
  'no such drive': 'DriveNotFound',
  'drive taken': 'DriveInUse',
  'too large': 'InvalidCapacity',
};

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).map(asObject) : [];
}

function texts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).map(String) : [];
}
