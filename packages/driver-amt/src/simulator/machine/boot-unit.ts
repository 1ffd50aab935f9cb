import type { Clock } from '@ferric/core';

/** What a machine started from. */
export type BootTarget = 'disk' | 'pxe' | 'cdrom' | 'diagnostic' | 'bios' | 'redirected' | 'uefihttp' | 'recovery';

/** One start of the machine. */
export interface BootRecord {
  readonly at: Date;
  readonly target: BootTarget;
  /** InstanceID of the source that was forced; undefined when none was. */
  readonly source: string | undefined;
  /** Settings of AMT_BootSettingData that were not at rest. */
  readonly settings: Readonly<Record<string, string>>;
}

const PREFIX = 'Intel(r) AMT: Force ';
const TARGETS: Readonly<Record<string, BootTarget>> = {
  [`${PREFIX}Hard-drive Boot`]: 'disk',
  [`${PREFIX}PXE Boot`]: 'pxe',
  [`${PREFIX}CD/DVD Boot`]: 'cdrom',
  [`${PREFIX}Diagnostic Boot`]: 'diagnostic',
  [`${PREFIX}OCR UEFI HTTPS Boot`]: 'uefihttp',
};

/** Roles of the boot configuration. Source: DMTF CIM schema, CIM_BootService.SetBootConfigRole. */
export const ROLE = { nextSingleUse: 1, notNext: 32_768 } as const;

/** Settings that exclude a boot source, and the reverse. Source: Intel AMT Implementation and Reference Guide, "Set or Disable Boot Configuration Settings". */
export const EXCLUDING_SETTINGS: readonly string[] = ['UseSOL', 'UseIDER', 'ReflashBIOS', 'BIOSPause', 'BIOSSetup'];

/** More are forgotten, the oldest first. */
const MOST_RECORDS = 1000;

/** What the next start is told, and what the last ones did. */
export interface BootUnit {
  /** InstanceID of the source that comes first, if any. */
  source: string | undefined;
  /** {@link ROLE}: whether the next start heeds the configuration. */
  role: number;
  /** What the BIOS starts by itself. */
  usual: BootTarget;
  /** Settings of AMT_BootSettingData as they were put. */
  settings: ReadonlyMap<string, string>;
  /** The firmware has used the settings up. */
  optionsCleared: boolean;
  readonly history: readonly BootRecord[];
  /** The machine starts: the choice is used up. */
  start(): BootRecord;
}

const RESTING_VALUES: ReadonlySet<string> = new Set(['false', '0', '']);

/** @param keepsSource this firmware leaves the source where it is when it has used it, as some versions do */
export function createBootUnit(clock: Clock, usual: BootTarget, keepsSource: () => boolean): BootUnit {
  const history: BootRecord[] = [];
  const unit: BootUnit = {
    source: undefined,
    role: ROLE.notNext,
    usual,
    settings: new Map(),
    optionsCleared: true,
    history,
    start() {
      const isArmed = unit.role === ROLE.nextSingleUse;
      const source = isArmed ? unit.source : undefined;
      const settings = isArmed ? Object.fromEntries([...unit.settings].filter(([, value]) => !RESTING_VALUES.has(value))) : {};
      const record: BootRecord = { at: clock.now(), target: targetOf(source, settings) ?? unit.usual, source, settings };
      history.push(record);
      if (history.length > MOST_RECORDS) history.shift();
      if (isArmed) {
        unit.role = ROLE.notNext;
        unit.settings = new Map();
        unit.optionsCleared = true;
        if (!keepsSource()) unit.source = undefined;
      }
      return record;
    },
  };
  return unit;
}

function targetOf(source: string | undefined, settings: Readonly<Record<string, string>>): BootTarget | undefined {
  if (settings['BIOSSetup'] === 'true') return 'bios';
  if (settings['UseIDER'] === 'true') return 'redirected';
  if (source === undefined) return undefined;
  return TARGETS[source] ?? 'recovery';
}
