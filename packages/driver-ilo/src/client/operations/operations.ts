import type { BackEndName } from '../ilo-client.js';

/** One thing that an iLO can be asked for. */
export interface OperationRow {
  /** For people, as the object of a sentence: `the power state`. */
  readonly says: string;
  /** Back ends that may offer it, in the order in which they are asked. */
  readonly backEnds: readonly BackEndName[];
  /** Where it is to be found, for the error where it is not. */
  readonly found?: string;
  /** For the whole call when the caller names no time. Milliseconds, default 300 000. */
  readonly timeoutMs?: number;
}

const ALL: readonly BackEndName[] = ['redfish', 'ris', 'ribcl'];
const REST: readonly BackEndName[] = ['redfish', 'ris'];
const REDFISH: readonly BackEndName[] = ['redfish'];
const FROM_GEN9 = 'ProLiant Gen9 and later have it.';
const FROM_GEN10 = 'ProLiant Gen10 and later have it.';
const SMART_STORAGE = 'ProLiant Gen10 with a Smart Array controller has it.';

/** Everything that is asked for, and who offers it. Sources: HPE iLO RESTful API for iLO 4, 5 and 6; HPE iLO 4 Scripting and Command Line Guide. */
export const OPERATIONS = {
  'read power': { says: 'the power state', backEnds: ALL },
  'set power': { says: 'a change of power', backEnds: ALL, timeoutMs: 600_000 },
  'read boot device': { says: 'the boot device', backEnds: ALL },
  'set boot device': { says: 'a change of the boot device', backEnds: ALL },
  'read boot mode': { says: 'the boot mode', backEnds: ALL, found: 'Newer Gen8 and all later servers have it.' },
  'set boot mode': { says: 'a change of the boot mode', backEnds: ALL, found: 'Newer Gen8 and all later servers have it.' },
  'secure boot': { says: 'secure boot', backEnds: REST, found: 'ProLiant Gen9 and later have it, in UEFI boot mode.' },
  'secure boot keys': { says: 'the keys of secure boot', backEnds: REST, found: 'ProLiant Gen9 and later have them, in UEFI boot mode.' },
  'virtual media': { says: 'virtual media', backEnds: ALL },
  'boot once from virtual media': { says: 'one boot from virtual media', backEnds: ALL },
  sensors: { says: 'sensors', backEnds: ALL },
  inventory: { says: 'an inventory', backEnds: ALL },
  'event log': { says: 'the event log', backEnds: ALL },
  nmi: { says: 'a non-maskable interrupt', backEnds: REST, found: FROM_GEN9 },
  bios: { says: 'BIOS settings', backEnds: REST, found: FROM_GEN9 },
  raid: { says: 'RAID configuration without the operating system', backEnds: REDFISH, found: SMART_STORAGE },
  'erase disks': { says: 'erasure of disks without the operating system', backEnds: REDFISH, found: SMART_STORAGE },
  'read firmware': { says: 'a list of firmware', backEnds: ALL },
  'update firmware': { says: 'a firmware update', backEnds: ALL, timeoutMs: 3_600_000 },
  licence: { says: 'its licence', backEnds: ALL },
  'change password': { says: 'a change of its password', backEnds: ALL },
  'reset controller': { says: 'a reset of itself', backEnds: ALL },
  'identify light': { says: 'the identify light', backEnds: ALL },
  security: { says: 'the security dashboard', backEnds: REDFISH, found: 'iLO 5 and later have it.' },
  'http boot': { says: 'boot from a URL', backEnds: REST, found: 'ProLiant Gen9 and later have it, in UEFI boot mode.' },
  certificates: { says: 'certificates for HTTPS boot', backEnds: REDFISH, found: 'ProLiant Gen10 and later have them, in UEFI boot mode.' },
  'https certificate': { says: 'its certificate for HTTPS', backEnds: REDFISH, found: 'iLO 5 and later have it.', timeoutMs: 900_000 },
  subscriptions: { says: 'subscriptions to events', backEnds: REDFISH, found: 'iLO 5 and later have them.' },
  'secure erase': { says: 'one-button secure erase', backEnds: REDFISH, found: FROM_GEN10 },
} as const satisfies Readonly<Record<string, OperationRow>>;
export type OperationName = keyof typeof OPERATIONS;
