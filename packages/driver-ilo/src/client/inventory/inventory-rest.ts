import {
  biosPart, decodeManagerFacts, decodeSystemFacts, findLink, oem, readBios, reader, readMemory, readSecureBoot, type Resource, samePath,
} from '@ferric/redfish';
import { modesOfUefiClass } from '../boot/boot-names.js';
import { readDashboard } from '../controller/security.js';
import type { IloInventoryReport } from '../ilo-client.js';
import type { RestCall } from '../operations/perform.js';
import { capabilitiesOf } from './capabilities.js';
import type { Gpu, HardwareFacts } from './hardware-facts.js';
import {
  ifOffered, isGpu, linkedMembers, localGigabytes, type PciDevice, readAllStorage, readCpus, readPciDevices, readPorts, romVersion, type StorageFacts,
} from './read-parts.js';

/** Reads everything one by one: a controller answers one question at a time. */
export async function readRestInventory(call: RestCall): Promise<IloInventoryReport> {
  const { client, options } = call;
  const system = await call.system();
  const facts = decodeSystemFacts(system);
  const cpus = await readCpus(client, system, options);
  const storage = await readAllStorage(client, system, options);
  const ports = await readPorts(client, system, options);
  const capabilities = capabilitiesOf(await readHardwareFacts(call, system, storage));
  return {
    vendor: facts.manufacturer ?? 'HPE',
    ...(facts.model === undefined ? {} : { model: facts.model }),
    ...(facts.serialNumber === undefined ? {} : { serialNumber: facts.serialNumber }),
    ...(cpus.threads === undefined ? {} : { cpus: cpus.threads }),
    ...(facts.memoryGib === undefined ? {} : { memoryMegabytes: Math.round(facts.memoryGib * 1024) }),
    ...(cpus.architecture === undefined ? {} : { cpuArchitecture: cpus.architecture }),
    macAddresses: ports.map(({ macAddress }) => macAddress),
    localGigabytes: localGigabytes(storage),
    ports,
    capabilities,
    raw: {
      ...(facts.uuid === undefined ? {} : { uuid: facts.uuid }),
      ...(facts.sku === undefined ? {} : { sku: facts.sku }),
      ...(facts.health === undefined ? {} : { health: facts.health }),
      ...(facts.processorModel === undefined ? {} : { processor_model: facts.processorModel }),
      disks: storage.disks.map(({ kind, gibibytes, rpm, isNvme }) => ({ kind, gibibytes: Math.floor(gibibytes), rpm: rpm ?? null, nvme: isNvme })),
    },
  };
}

async function readHardwareFacts(call: RestCall, system: Resource, storage: StorageFacts): Promise<HardwareFacts> {
  const { client, options } = call;
  const bios = await ifOffered(() => readBios(client, system, options));
  const pciDevices = await readPciDevices(client, system, options);
  const iscsi = bios === undefined ? undefined : biosPart(bios, 'iScsi');
  const memory = (await ifOffered(() => readMemory(client, system, options))) ?? [];
  const { model, biosVersion } = decodeSystemFacts(system);
  return {
    model,
    iloFirmware: decodeManagerFacts(await call.manager()).firmwareVersion,
    romFirmware: romVersion(system) ?? biosVersion,
    bootModes: modesOfUefiClass(reader(oem(system.body), system.path, 'Oem.').child('Bios').integer('UefiClass')) ?? [],
    bios: bios?.attributes ?? {},
    hasSecureBoot: (await ifOffered(() => readSecureBoot(client, system, options))) !== undefined,
    hasIscsi: iscsi !== undefined && (await ifOffered(() => client.read(iscsi, options))) !== undefined,
    gpuCount: pciDevices.length === 0 ? undefined : pciDevices.filter(isGpu).length,
    cardNames: pciDevices.map(({ name }) => name),
    ...storage,
    memory: memory.map(({ type, technology }) => ({ type, deviceType: technology })),
    gpus: await readGpus(call, pciDevices.filter(isGpu)),
    security: await readSecurity(call),
  };
}

/** Devices of the chassis that are display controllers on the PCI bus. Source: HPE iLO 5 RESTful API, HpeServerDevice. */
async function readGpus(call: RestCall, gpus: readonly PciDevice[]): Promise<readonly Gpu[]> {
  if (gpus.length === 0 || call.backEnd === 'ris') return [];
  const { client, options } = call;
  const chassisPath = findLink(await call.system(), 'Chassis');
  const chassis = chassisPath === undefined ? undefined : await client.read(chassisPath, options);
  const devices = chassis === undefined ? [] : await linkedMembers(client, chassis, 'Devices', options);
  return devices.flatMap((device) => gpusOf(device, gpus));
}

function gpusOf({ body, path }: Resource, gpus: readonly PciDevice[]): readonly Gpu[] {
  const fields = reader(body, path);
  const instances = fields.children('DeviceInstances').map((instance) => instance.text('@odata.id') ?? '');
  const own = gpus.filter((gpu) => instances.some((instance) => samePath(instance, gpu.path)));
  return own.map(({ vendorId, name }) => {
    const maker = fields.text('Manufacturer');
    // Some firmware does not know who made it; the number on the bus always is.
    const vendor = maker === undefined || maker.toUpperCase() === 'NULL' ? `0x${(vendorId ?? 0).toString(16)}` : maker;
    return { vendor, name: fields.text('Name') ?? name };
  });
}

/** Parameters of the dashboard that have a capability. */
const SECURITY_CAPABILITIES: Readonly<Record<string, string>> = {
  'Last Firmware Scan Result': 'last_firmware_scan_result', 'Security Override Switch': 'security_override_switch',
};

async function readSecurity(call: RestCall): Promise<Readonly<Record<string, string>>> {
  const dashboard = await ifOffered(() => readDashboard(call));
  if (dashboard === undefined) return {};
  const told = dashboard.parameters.flatMap(({ body, path }): (readonly [string, string])[] => {
    const fields = reader(body, path);
    const name = SECURITY_CAPABILITIES[fields.text('Name') ?? ''];
    const status = fields.text('SecurityStatus');
    return name === undefined || status === undefined ? [] : [[name, status]];
  });
  return Object.fromEntries([...(dashboard.overall === null ? [] : [['overall_security_status', dashboard.overall] as const]), ...told]);
}
