import { describe, expect, test } from 'vitest';
import { CAPABILITY_RULES, capabilitiesOf } from '../../src/client/inventory/capabilities.js';
import { type HardwareFacts, NO_FACTS } from '../../src/client/inventory/hardware-facts.js';
import { type Generation, GENERATIONS, type IloOptions } from '../../src/simulator/index.js';
import { startBench } from './bench.js';

/** A server with something of everything, and what has to be told of it. */
const FULL: Omit<IloOptions, 'generation'> = {
  bootModes: 'both',
  hardware: { gpus: 2 },
  drives: [
    { capacityGib: 300, rotationalSpeed: 15_000 },
    { capacityGib: 300, rotationalSpeed: 15_000 },
    { capacityGib: 447, mediaType: 'SSD', interfaceType: 'NVMe' },
  ],
};

const COMMON = { boot_mode_bios: 'true', boot_mode_uefi: 'true', nic_capacity: '1Gb' };
const REST = {
  ...COMMON, secure_boot: 'true', iscsi_boot: 'true', pci_gpu_devices: '3', hardware_supports_raid: 'true', has_ssd: 'true', has_rotational: 'true', has_nvme_ssd: 'true',
  rotational_drive_15000_rpm: 'true', logical_raid_level_1: 'true',
};
const GPUS = { gpu_NVIDIA_count: '2', gpu_Matrox_count: '1', gpu_NVIDIA_Tesla_M10_count: '2', gpu_NVIDIA_Tesla_M10: 'true', gpu_Embedded_Video_Controller: 'true' };
const SECURITY = { overall_security_status: 'Risk', security_override_switch: 'Ok', last_firmware_scan_result: 'Ok' };

const EXPECTED: Readonly<Record<Generation, Readonly<Record<string, string>>>> = {
  gen8: { ...COMMON, server_model: 'ProLiant DL380p Gen8', rom_firmware_version: '11/26/2014', pci_gpu_devices: '2' },
  gen9: { ...REST, server_model: 'ProLiant BL460c Gen9', ilo_firmware_version: 'iLO 4 v2.55', rom_firmware_version: 'I36 v2.40 (02/17/2017)' },
  gen10: { ...REST, ...GPUS, ...SECURITY, server_model: 'ProLiant DL380 Gen10', ilo_firmware_version: 'iLO 5 v2.44', rom_firmware_version: 'U30 v2.42 (01/23/2021)' },
  gen11: { ...REST, ...GPUS, ...SECURITY, server_model: 'ProLiant DL360 Gen11', ilo_firmware_version: 'iLO 6 v1.53', rom_firmware_version: 'U54 v1.48 (10/19/2023)' },
};

describe.each(GENERATIONS)('%s', (generation) => {
  test('tells the capabilities that its interfaces show', async () => {
    const { ilo, client } = await startBench({ ...FULL, generation });
    ilo.machine.power.put(true);
    const report = await client.inventory.read();
    expect(report.capabilities).toMatchObject(EXPECTED[generation]);
    expect(report.localGigabytes).toBe(299);
  });

  test('knows of no disk where there is none', async () => {
    const { ilo, client } = await startBench({ generation, drives: [] });
    ilo.machine.power.put(true);
    const { localGigabytes, capabilities } = await client.inventory.read();
    expect(localGigabytes).toBe(0);
    expect(capabilities).not.toHaveProperty('has_ssd');
    expect(capabilities).not.toHaveProperty('logical_raid_level_1');
  });
});

describe('firmware of iLO 5 links its parts in different ways', () => {
  test.each(['1.10', '2.44', '2.72'])('%s', async (firmwareVersion) => {
    const { ilo, client } = await startBench({ generation: 'gen10', firmwareVersion, hardware: { gpus: 1 } });
    ilo.machine.power.put(true);
    const report = await client.inventory.read();
    expect(report.capabilities).toMatchObject({ pci_gpu_devices: '2', nic_capacity: '1Gb' });
    expect(report.macAddresses).toHaveLength(4);
  });
});

describe('rules of capabilities', () => {
  const rows: readonly (readonly [name: string, facts: Partial<HardwareFacts>, value: string | undefined])[] = [
    ['server_model', { model: 'ProLiant DL380 Gen10' }, 'ProLiant DL380 Gen10'],
    ['ilo_firmware_version', { iloFirmware: 'iLO 5 v1.15' }, 'iLO 5 v1.15'],
    ['rom_firmware_version', { romFirmware: 'U31 v1.00' }, 'U31 v1.00'],
    ['boot_mode_bios', { bootModes: ['uefi'] }, 'false'],
    ['boot_mode_bios', {}, undefined],
    ['boot_mode_uefi', { bootModes: ['bios', 'uefi'] }, 'true'],
    ['secure_boot', { hasSecureBoot: true }, 'true'],
    ['secure_boot', {}, undefined],
    ['sriov_enabled', { bios: { Sriov: 'Enabled' } }, 'true'],
    ['sriov_enabled', { bios: { Sriov: 'Disabled' } }, undefined],
    ['cpu_vt', { bios: { ProcVirtualization: 'Enabled' } }, 'true'],
    ['cpu_vt', { bios: { ProcVirtualization: 'Disabled' } }, undefined],
    ['trusted_boot', { bios: { TpmState: 'PresentEnabled' } }, 'true'],
    ['trusted_boot', { bios: { TpmState: 'PresentDisabled' } }, 'true'],
    ['trusted_boot', { bios: { TpmState: 'NotPresent' } }, undefined],
    ['iscsi_boot', { hasIscsi: true }, 'true'],
    ['pci_gpu_devices', { gpuCount: 0 }, '0'],
    ['pci_gpu_devices', {}, undefined],
    ['nic_capacity', { cardNames: ['HPE Ethernet 1Gb 4-port 331i', 'HPE Ethernet 10/25Gb 2-port', 'HPE Eth 40Gb'] }, '40Gb'],
    ['nic_capacity', { cardNames: ['Smart Array P408i-a 12G'] }, undefined],
    ['hardware_supports_raid', { hasRaidController: true }, 'true'],
    ['has_ssd', { disks: [{ kind: 'ssd', gibibytes: 1, rpm: undefined, isNvme: false }] }, 'true'],
    ['has_nvme_ssd', { disks: [{ kind: 'ssd', gibibytes: 1, rpm: undefined, isNvme: false }] }, undefined],
    ['has_nvme_ssd', { disks: [{ kind: 'ssd', gibibytes: 1, rpm: undefined, isNvme: true }] }, 'true'],
    ['has_rotational', { disks: [{ kind: 'hdd', gibibytes: 1, rpm: 7200, isNvme: false }] }, 'true'],
    ['nvdimm_n', { memory: [{ type: 'DRAM', deviceType: 'DDR4' }, { type: 'NVDIMM_N', deviceType: 'DDR4' }] }, 'true'],
    ['nvdimm_n', { memory: [{ type: 'DRAM', deviceType: 'DDR4' }] }, undefined],
    ['nvdimm_n', { bios: { NvDimmNMemFunctionality: 'Enabled' } }, 'true'],
    ['persistent_memory', { memory: [{ type: 'NVDIMM_N', deviceType: 'DDR4' }] }, 'true'],
    ['logical_nvdimm_n', { memory: [{ type: 'NVDIMM_N', deviceType: 'Logical' }] }, 'true'],
    ['logical_nvdimm_n', { memory: [{ type: 'NVDIMM_N', deviceType: 'DDR4' }] }, undefined],
  ];

  test.each(rows)('%s of %o is %s', (name, facts, value) => {
    expect(capabilitiesOf({ ...NO_FACTS, ...facts })[name]).toBe(value);
  });

  test('each rule has a row', () => {
    expect(new Set(rows.map(([name]) => name))).toEqual(new Set(Object.keys(CAPABILITY_RULES)));
  });

  test('nothing known, nothing told', () => {
    expect(capabilitiesOf(NO_FACTS)).toEqual({});
  });

  test('names that say what was found cannot break a list of capabilities', () => {
    const capabilities = capabilitiesOf({ ...NO_FACTS, gpus: [{ vendor: 'A, B', name: 'X:1' }], raidLevels: ['5', '5', '10'] });
    expect(capabilities).toEqual({ gpu_A_B_count: '1', gpu_X_1_count: '1', gpu_X_1: 'true', logical_raid_level_5: 'true', logical_raid_level_10: 'true' });
  });
});
