import { errorCode, type Inventory, type InventoryReport, type JsonObject } from '@ferric/core';
import {
  getChannelInfo, getDeviceId, getSystemGuid, manufacturerName, readFru, readLanConfiguration,
  type DeviceId, type Fru, type FruDeviceLocatorRecord, type IpmiGuid, type LanConfiguration,
} from '@ferric/ipmi-raw-buffer';
import { filled, fruReport } from './fru-report.js';
import { isDeclined, partOf } from './ipmi-answers.js';
import type { IpmiCall, IpmiMachine } from './ipmi-machine.js';

/** Some hundred exchanges, and the records of a slow BMC take a minute when they are read for the first time. Milliseconds. */
const CALL_MS = 180_000;

/** FRU devices besides the first that are read: more than memory, boards and power supplies of a large server. */
const MOST_FRU_DEVICES = 64;

/** Address of the BMC on its own bus. Source: IPMI 1.5, section 5.2. */
const BMC_ADDRESS = 0x20;

/** A memory module, whose data have a format of their own. Source: IPMI 1.5, table 37-10. */
const MEMORY_MODULE = { deviceType: 0x10, deviceTypeModifier: 1 } as const;

/** One part that describes itself. */
interface FruDevice {
  readonly id: number;
  readonly name: string | null;
  readonly fru: Fru;
}

/** What the controller of one machine knows of its parts. Processors, memory and network cards are not among it: the protocol has no words for them. */
export function createIpmiInventory(machine: IpmiMachine): Inventory {
  return { read: (options) => machine.perform({ what: 'read inventory', timeoutMs: CALL_MS }, options, (call) => readInventory(machine, call)) };
}

async function readInventory(machine: IpmiMachine, call: IpmiCall): Promise<InventoryReport> {
  const device = await getDeviceId(call.bmc, partOf(call));
  const guid = await unlessMissing(getSystemGuid(call.bmc, partOf(call)));
  const network = await unlessMissing(readNetwork(call));
  const fruDevices = await readFruDevices(machine, call);
  const own = fruDevices.find(({ id }) => id === 0)?.fru;
  return { ...nameplate(own, device), raw: { controller: controllerReport(device, guid, network), fru: fruDevices.map(deviceReport) } };
}

/** What stands on the machine: as its maker's product, else as the board in it. */
function nameplate(fru: Pick<Fru, 'chassis' | 'board' | 'product'> | undefined, { manufacturerId }: Pick<DeviceId, 'manufacturerId'>): Nameplate {
  const { chassis, board, product } = fru ?? {};
  return Object.fromEntries(
    Object.entries({
      vendor: firstText(product?.manufacturer, board?.manufacturer, manufacturerName(manufacturerId)),
      model: firstText(product?.productName, board?.productName),
      serialNumber: firstText(product?.serialNumber, chassis?.serialNumber, board?.serialNumber),
    }).filter(([, text]) => text !== undefined),
  );
}

type Nameplate = Pick<InventoryReport, 'vendor' | 'model' | 'serialNumber'>;

function firstText(...texts: readonly (string | null | undefined)[]): string | undefined {
  return texts.find((text) => text !== null && text !== undefined && text !== '') ?? undefined;
}

async function readNetwork(call: IpmiCall): Promise<LanConfiguration> {
  const { channel } = await getChannelInfo(call.bmc, undefined, partOf(call));
  return readLanConfiguration(call.bmc, channel, partOf(call));
}

async function readFruDevices(machine: IpmiMachine, call: IpmiCall): Promise<readonly FruDevice[]> {
  const locators = await findLocators(machine, call);
  const named = new Map(locators.map(({ fruDeviceId, name }) => [fruDeviceId, name]));
  const devices: FruDevice[] = [];
  for (const id of [0, ...[...named.keys()].filter((each) => each !== 0).slice(0, MOST_FRU_DEVICES)]) {
    const fru = await unlessMissing(readFru(call.bmc, id, { ...partOf(call), clock: machine.clock }));
    if (fru !== undefined) devices.push({ id, name: named.get(id) ?? null, fru });
  }
  return devices;
}

/** The FRU devices that the controller itself answers for. */
async function findLocators({ bridge }: IpmiMachine, call: IpmiCall): Promise<readonly FruDeviceLocatorRecord[]> {
  const ownAddress = bridge.at(-1)?.address ?? BMC_ADDRESS;
  const records = (await unlessMissing(call.records()))?.repository.records ?? [];
  return records.filter(
    (record): record is FruDeviceLocatorRecord => record.kind === 'fru-device-locator' && record.logical && record.accessAddress === ownAddress && !isMemoryModule(record),
  );
}

function isMemoryModule({ deviceType, deviceTypeModifier }: FruDeviceLocatorRecord): boolean {
  return deviceType === MEMORY_MODULE.deviceType && deviceTypeModifier === MEMORY_MODULE.deviceTypeModifier;
}

/** Answers by which a controller says that it does not have something, or by which that part of it cannot be read. */
const MISSING: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNSUPPORTED', 'PROTOCOL_FAULT', 'CONFLICT']);

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isDeclined(error) || MISSING.has(errorCode(error))) return undefined;
    throw error;
  }
}

function controllerReport(device: DeviceId, guid: IpmiGuid | undefined, network: LanConfiguration | undefined): JsonObject {
  const { manufacturerId, productId, deviceId, deviceRevision, firmwareVersion, ipmiVersion } = device;
  return filled({
    manufacturerId, manufacturer: manufacturerName(manufacturerId), productId, deviceId, deviceRevision, firmwareVersion, ipmiVersion,
    systemGuid: guid?.isSet === true ? { smbios: guid.smbios, rfc4122: guid.rfc4122, ipmi: guid.ipmi, likely: guid.likely } : null,
    network: network === undefined ? null : filled({
      ipAddress: network.ipAddress, ipAddressSource: network.ipAddressSource, subnetMask: network.subnetMask, defaultGateway: network.defaultGateway,
      macAddress: network.macAddress, vlanId: network.vlanId, cipherSuites: network.cipherSuites?.map(({ id }) => id) ?? null,
    }),
  });
}

function deviceReport({ id, name, fru }: FruDevice): JsonObject {
  return { id, ...filled({ name }), ...fruReport(fru) };
}
