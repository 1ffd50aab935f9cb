/** Source: IPMI 1.5, table 37-12; from 48 on IPMI 2.0. */
const ENTITIES: readonly string[] = [
  'unspecified', 'other', 'unknown', 'processor', 'disk or disk bay', 'peripheral bay', 'system management module', 'system board',
  'memory module', 'processor module', 'power supply', 'add-in card', 'front panel board', 'back panel board', 'power system board',
  'drive backplane', 'system internal expansion board', 'other system board', 'processor board', 'power unit', 'power module',
  'power management board', 'chassis back panel board', 'system chassis', 'sub-chassis', 'other chassis board', 'disk drive bay',
  'peripheral bay', 'device bay', 'fan device', 'cooling unit', 'cable or interconnect', 'memory device', 'system management software',
  'BIOS', 'operating system', 'system bus', 'group', 'remote management device', 'external environment', 'battery', 'processing blade',
  'connectivity switch', 'processor and memory module', 'I/O module', 'processor and I/O module', 'management controller firmware',
  'IPMI channel', 'PCI bus', 'PCI Express bus', 'SCSI bus', 'SATA or SAS bus', 'processor front-side bus', 'real time clock',
];

/** Source: IPMI 2.0, table 43-13, and DCMI. */
const FURTHER_ENTITIES: Readonly<Record<number, string>> = { 0x37: 'air inlet', 0x40: 'air inlet', 0x41: 'processor', 0x42: 'system board' };

const RANGES: readonly { readonly from: number; readonly name: string }[] = [
  { from: 0xd0, name: 'vendor-specific entity' },
  { from: 0xb0, name: 'board-set entity' },
  { from: 0x90, name: 'chassis-specific entity' },
];

/** What an entity id names: `processor`, `power supply`; `entity <id>` for one that the specification does not know. */
export function entityName(entityId: number): string {
  const known = ENTITIES[entityId] ?? FURTHER_ENTITIES[entityId];
  if (known !== undefined) return known;
  const range = RANGES.find(({ from }) => entityId >= from);
  return `${range?.name ?? 'entity'} ${entityId}`;
}
