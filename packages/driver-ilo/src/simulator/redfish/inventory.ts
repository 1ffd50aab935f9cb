import type { JsonObject } from '@ferric/core';
import type { MemoryModule, NetworkPort, PciDevice, Processor } from '../machine/hardware.js';
import type { Resource, RestContext } from '../rest/resource.js';
import { collection, oem, OK, resource } from './build.js';

const moduleId = ({ processor, socket }: MemoryModule): string => `proc${processor}dimm${socket}`;

const cachesOf = (cores: number): JsonObject[] =>
  [64, 1024, 1408].map((perCore, index) => ({ Name: `L${index + 1}-Cache`, InstalledSizeKB: perCore * cores, MaximumSizeKB: perCore * cores }));

function showProcessor(context: RestContext, { socket, model, cores, threads, speedMhz }: Processor): JsonObject {
  return resource(context, `Systems/1/Processors/${socket}`, 'Processor', {
    Name: 'Processors',
    InstructionSet: 'x86-64',
    Manufacturer: 'Intel(R) Corporation',
    MaxSpeedMHz: 4000,
    Model: model,
    Oem: oem(context, 'HpeProcessorExt', { Cache: cachesOf(cores), CoresEnabled: cores, RatedSpeedMHz: speedMhz }),
    ProcessorArchitecture: 'x86',
    ProcessorId: { EffectiveFamily: '0x06', EffectiveModel: '0x55', IdentificationRegisters: '0x06540005fbffbfeb', Step: '0x04', VendorId: 'GenuineIntel' },
    ProcessorType: 'CPU',
    Socket: `Proc ${socket}`,
    Status: { Health: 'OK', State: 'Enabled' },
    TotalCores: cores,
    TotalThreads: threads,
  });
}

function showModule(context: RestContext, module: MemoryModule): JsonObject {
  const isPresent = module.sizeMib > 0;
  return resource(context, `Systems/1/Memory/${moduleId(module)}`, 'Memory', {
    Name: moduleId(module),
    DeviceLocator: `PROC ${module.processor} DIMM ${module.socket}`,
    MemoryType: module.kind,
    Oem: oem(context, 'HpeMemoryExt', { DIMMStatus: isPresent ? 'GoodInUse' : 'NotPresent' }),
    Status: { Health: 'OK', State: isPresent ? 'Enabled' : 'Absent' },
    ...(isPresent ? { CapacityMiB: module.sizeMib, MemoryDeviceType: 'DDR4', OperatingSpeedMhz: 2666, Manufacturer: 'HPE', PartNumber: '815098-B21' } : {}),
  });
}

function showPort(context: RestContext, { number, macAddress, uefiDevicePath, isUp }: NetworkPort): JsonObject {
  return resource(context, `Systems/1/EthernetInterfaces/${number}`, 'EthernetInterface', {
    Name: '',
    FullDuplex: true,
    IPv4Addresses: [],
    InterfaceEnabled: null,
    LinkStatus: isUp ? 'LinkUp' : 'NoLink',
    MACAddress: macAddress,
    SpeedMbps: isUp ? 1000 : null,
    Status: isUp ? OK : { Health: null, State: null },
    UefiDevicePath: uefiDevicePath,
  });
}

function showPciDevice(context: RestContext, device: PciDevice): JsonObject {
  return resource(context, `Systems/1/PCIDevices/${device.id}`, 'HpeServerPciDevice', {
    Name: device.name,
    BusNumber: Number(device.id) + 1,
    ClassCode: device.classCode,
    DeviceID: device.deviceId,
    DeviceInstance: 1,
    DeviceLocation: device.location,
    DeviceNumber: 0,
    DeviceSubInstance: 1,
    DeviceType: device.deviceType,
    FunctionNumber: 0,
    LocationString: device.location,
    StructuredName: device.structuredName,
    SubclassCode: device.subclassCode,
    UEFIDevicePath: device.uefiDevicePath,
    VendorID: device.vendorId,
  });
}

function showDevice(context: RestContext, device: PciDevice): JsonObject {
  return resource(context, `Chassis/1/Devices/${device.id}`, 'HpeServerDevice', {
    Name: device.name,
    DeviceInstances: [{ '@odata.id': context.href(`Systems/1/PCIDevices/${device.id}`) }],
    DeviceType: device.deviceType,
    Location: device.location,
    Manufacturer: device.manufacturer,
    Status: OK,
  });
}

function showAdapter(context: RestContext): JsonObject {
  const { networkPorts } = context.machine.hardware;
  return resource(context, 'Systems/1/BaseNetworkAdapters/1', 'HpeBaseNetworkAdapter', {
    Name: context.machine.identity.facts.networkAdapter,
    StructuredName: 'NIC.LOM.1.1',
    PhysicalPorts: networkPorts.map(({ macAddress, isUp }) => ({ MacAddress: macAddress, FullDuplex: true, LinkStatus: isUp ? 'OK' : null, SpeedMbps: isUp ? 1000 : null })),
    Status: OK,
  });
}

/** What the sockets of each processor hold together. */
function showMemoryProtection(context: RestContext): JsonObject {
  const { memory, processors } = context.machine.hardware;
  const boards = processors.map(({ socket }) => {
    const own = memory.filter(({ processor }) => processor === socket);
    const sizeMib = own.reduce((sum, module) => sum + module.sizeMib, 0);
    return { BoardCpuNumber: socket, BoardNumberOfSockets: own.length, BoardOperationalFrequency: 2666, BoardOperationalVoltage: 1200, BoardTotalMemorySize: sizeMib };
  });
  return { Oem: oem(context, 'HpeAdvancedMemoryProtection', { AmpModeActive: 'AdvancedECC', AmpModeStatus: 'AdvancedECC', AmpModeSupported: ['AdvancedECC'], MemoryList: boards }) };
}

/** A collection and its members, from a list of things. */
function family<T>(settings: {
  readonly path: string;
  readonly type: string;
  readonly list: (context: RestContext) => readonly T[];
  readonly id: (thing: T) => string;
  readonly show: (context: RestContext, thing: T) => JsonObject;
  /** What the collection tells besides. */
  readonly whole?: (context: RestContext) => JsonObject;
}): readonly Resource[] {
  const { path, type, list, id, show, whole } = settings;
  return [
    { path, read: (context) => collection(context, path, type, list(context).map((thing) => `${path}/${id(thing)}`), whole?.(context)) },
    {
      path: `${path}/{}`,
      read(context, member) {
        const thing = list(context).find((each) => id(each) === member);
        return thing === undefined ? undefined : show(context, thing);
      },
    },
  ];
}

/** What the machine is made of. */
export const INVENTORY_RESOURCES: readonly Resource[] = [
  ...family({
    path: 'Systems/1/Processors', type: 'ProcessorCollection', list: ({ machine }) => machine.hardware.processors, id: ({ socket }) => String(socket), show: showProcessor,
  }),
  ...family({ path: 'Systems/1/Memory', type: 'MemoryCollection', list: ({ machine }) => machine.hardware.memory, id: moduleId, show: showModule, whole: showMemoryProtection }),
  ...family({
    path: 'Systems/1/EthernetInterfaces', type: 'EthernetInterfaceCollection', list: ({ machine }) => machine.hardware.networkPorts, id: ({ number }) => String(number),
    show: showPort,
  }),
  ...family({
    path: 'Systems/1/PCIDevices', type: 'HpeServerPciDeviceCollection', list: ({ machine }) => machine.hardware.pciDevices, id: ({ id }) => id, show: showPciDevice,
  }),
  ...family({ path: 'Chassis/1/Devices', type: 'HpeServerDeviceCollection', list: ({ machine }) => machine.hardware.pciDevices, id: ({ id }) => id, show: showDevice }),
  ...family({
    path: 'Systems/1/BaseNetworkAdapters', type: 'HpeBaseNetworkAdapterCollection', list: () => ['1'], id: (id) => id, show: (context) => showAdapter(context),
  }),
];
