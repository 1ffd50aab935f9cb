/** Source: SMBIOS reference specification, System Enclosure or Chassis types, which the FRU storage definition 1.0, section 10, refers to. */
const CHASSIS_TYPES: readonly string[] = [
  'unspecified', 'other', 'unknown', 'desktop', 'low profile desktop', 'pizza box', 'mini tower', 'tower', 'portable', 'laptop', 'notebook',
  'hand held', 'docking station', 'all in one', 'sub notebook', 'space-saving', 'lunch box', 'main server chassis', 'expansion chassis',
  'sub-chassis', 'bus expansion chassis', 'peripheral chassis', 'RAID chassis', 'rack mount chassis', 'sealed-case PC', 'multi-system chassis',
  'compact PCI', 'advanced TCA', 'blade', 'blade enclosure', 'tablet', 'convertible', 'detachable', 'IoT gateway', 'embedded PC', 'mini PC', 'stick PC',
];

/** What a chassis type names; `chassis type <code>` for one that the specification does not know. */
export function chassisTypeName(code: number): string {
  return CHASSIS_TYPES[code] ?? `chassis type ${code}`;
}
