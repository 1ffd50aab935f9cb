import type { HardwareFacts } from './hardware-facts.js';

/** One capability, and how its value is told; undefined: it is left out. */
type CapabilityRule = (facts: HardwareFacts) => string | undefined;

const yes = (is: boolean): string | undefined => (is ? 'true' : undefined);
const enabled = (name: string): CapabilityRule => ({ bios }) => yes(bios[name] === 'Enabled');
/** States of a module that is there, whether it is used or not. */
const PRESENT_TPM: ReadonlySet<unknown> = new Set(['PresentEnabled', 'PresentDisabled']);
const NVDIMM = 'NVDIMM_N';
const hasNvdimm = ({ memory }: HardwareFacts): boolean => memory.some(({ type }) => type === NVDIMM);
/** Rotations of disks that have a capability of their own. */
const ROTATIONS: readonly number[] = [4800, 5400, 7200, 10_000, 15_000];

/** Capabilities with one name each. Sources: Ironic, "iLO drivers", capabilities that are discovered; proliantutils, redfish/redfish.py and ilo/ris.py. */
export const CAPABILITY_RULES: Readonly<Record<string, CapabilityRule>> = {
  server_model: ({ model }) => model,
  ilo_firmware_version: ({ iloFirmware }) => iloFirmware,
  rom_firmware_version: ({ romFirmware }) => romFirmware,
  boot_mode_bios: ({ bootModes }) => (bootModes.length === 0 ? undefined : String(bootModes.includes('bios'))),
  boot_mode_uefi: ({ bootModes }) => (bootModes.length === 0 ? undefined : String(bootModes.includes('uefi'))),
  secure_boot: ({ hasSecureBoot }) => yes(hasSecureBoot),
  sriov_enabled: enabled('Sriov'),
  cpu_vt: ({ bios }) => yes(bios['ProcVirtualization'] === 'Enabled'),
  trusted_boot: ({ bios }) => yes(PRESENT_TPM.has(bios['TpmState'])),
  iscsi_boot: ({ hasIscsi }) => yes(hasIscsi),
  pci_gpu_devices: ({ gpuCount }) => (gpuCount === undefined ? undefined : String(gpuCount)),
  nic_capacity: ({ cardNames }) => fastestCard(cardNames),
  hardware_supports_raid: ({ hasRaidController }) => yes(hasRaidController),
  has_ssd: ({ disks }) => yes(disks.some(({ kind }) => kind === 'ssd')),
  has_rotational: ({ disks }) => yes(disks.some(({ kind }) => kind === 'hdd')),
  has_nvme_ssd: ({ disks }) => yes(disks.some(({ kind, isNvme }) => kind === 'ssd' && isNvme)),
  nvdimm_n: (facts) => yes(hasNvdimm(facts) || facts.bios['NvDimmNMemFunctionality'] === 'Enabled'),
  persistent_memory: (facts) => yes(hasNvdimm(facts)),
  logical_nvdimm_n: (facts) => yes(facts.memory.some(({ type, deviceType }) => type === NVDIMM && deviceType === 'Logical')),
};

/** Capabilities whose names say what was found. */
const FAMILIES: readonly ((facts: HardwareFacts) => readonly (readonly [name: string, value: string])[])[] = [
  ({ disks }) => ROTATIONS.filter((rpm) => disks.some((disk) => disk.rpm === rpm)).map((rpm) => [`rotational_drive_${rpm}_rpm`, 'true']),
  ({ raidLevels }) => [...new Set(raidLevels)].map((level) => [`logical_raid_level_${level}`, 'true']),
  gpuCapabilities,
  ({ security }) => Object.entries(security),
];

/** All capabilities of a server by Ironic's names. What is not known is left out. */
export function capabilitiesOf(facts: HardwareFacts): Readonly<Record<string, string>> {
  const single = Object.entries(CAPABILITY_RULES).flatMap(([name, rule]): (readonly [string, string])[] => {
    const value = rule(facts);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries([...single, ...FAMILIES.flatMap((family) => family(facts))]);
}

/** `10Gb` of the fastest card. */
function fastestCard(names: readonly string[]): string | undefined {
  const speeds = names.flatMap((name) => name.split(/\s+/)).flatMap((part) => {
    const digits = /^(\d{1,4})Gb(?:E|ps|\/s)?$/.exec(part)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return speeds.length === 0 ? undefined : `${Math.max(...speeds)}Gb`;
}

/** How many there are by vendor and by kind. Source: proliantutils, redfish/resources/gpu_common.py. */
function gpuCapabilities({ gpus }: HardwareFacts): readonly (readonly [string, string])[] {
  const count = (of: (gpu: HardwareFacts['gpus'][number]) => string): ReadonlyMap<string, number> =>
    gpus.reduce((counts, gpu) => counts.set(of(gpu), (counts.get(of(gpu)) ?? 0) + 1), new Map<string, number>());
  const byName = [...count(({ name }) => word(name))];
  return [
    ...[...count(({ vendor }) => word(vendor))].map(([vendor, number]) => [`gpu_${vendor}_count`, String(number)] as const),
    ...byName.map(([name, number]) => [`gpu_${name}_count`, String(number)] as const),
    ...byName.map(([name]) => [`gpu_${name}`, 'true'] as const),
  ];
}

/** Colons and commas would end a capability in Ironic's list of them. */
function word(text: string): string {
  return text.trim().replace(/[\s,:]+/g, '_');
}
