import { createHash } from 'node:crypto';
import { FACTS, type Generation } from '../generations.js';

export interface Processor {
  readonly socket: number;
  readonly model: string;
  readonly cores: number;
  readonly threads: number;
  readonly speedMhz: number;
}

export interface MemoryModule {
  readonly processor: number;
  readonly socket: number;
  /** 0: the socket is empty. */
  readonly sizeMib: number;
  readonly kind: 'DRAM' | 'NVDIMM_N';
}

export interface NetworkPort {
  /** Counted from 1. */
  readonly number: number;
  /** In lower case with colons. */
  readonly macAddress: string;
  readonly uefiDevicePath: string;
  readonly isUp: boolean;
}

export interface PciDevice {
  readonly id: string;
  readonly name: string;
  /** May be empty: some firmware does not know. */
  readonly manufacturer: string;
  readonly classCode: number;
  readonly subclassCode: number;
  readonly structuredName: string;
  readonly uefiDevicePath: string;
  readonly deviceType: string;
  readonly location: string;
  readonly vendorId: number;
  readonly deviceId: number;
}

export interface Fan {
  readonly name: string;
  readonly percent: number;
}

export interface Thermometer {
  readonly name: string;
  readonly context: 'Intake' | 'CPU' | 'SystemBoard' | 'PowerSupply' | 'GPU';
  readonly celsius: number;
  readonly caution: number;
  readonly critical: number;
}

export interface PowerSupply {
  readonly bay: number;
  readonly model: string;
  readonly serialNumber: string;
  readonly watts: number;
  readonly outputWatts: number;
}

/** What the machine is made of. May be replaced while it runs. */
export interface Hardware {
  processors: readonly Processor[];
  memory: readonly MemoryModule[];
  networkPorts: readonly NetworkPort[];
  pciDevices: readonly PciDevice[];
  fans: readonly Fan[];
  thermometers: readonly Thermometer[];
  powerSupplies: readonly PowerSupply[];
  /** Watts drawn while the machine is on. */
  consumption: { readonly present: number; readonly average: number; readonly minimum: number; readonly maximum: number };
}

/** How much of it there is. */
export interface HardwareOptions {
  /** Default 2. */
  readonly processors?: number;
  /** Cores of one processor, each with two threads. Default 8. */
  readonly coresPerProcessor?: number;
  /** Default 32. */
  readonly memoryGib?: number;
  /** The first ports of the network adapter. Default: four, made up from the name of the machine. */
  readonly macAddresses?: readonly string[];
  /** GPUs in slots. Default 0. */
  readonly gpus?: number;
}

const MODULE_MIB = 16 * 1024;
const SOCKETS = 12;

export function createHardware(generation: Generation, name: string, options: HardwareOptions): Hardware {
  const { processors = 2, coresPerProcessor = 8, memoryGib = 32, gpus = 0 } = options;
  const facts = FACTS[generation];
  const networkPorts = (options.macAddresses ?? macAddressesOf(name, 4)).map(
    (macAddress, index): NetworkPort => ({
      number: index + 1,
      macAddress: macAddress.toLowerCase(),
      uefiDevicePath: `PciRoot(0x0)/Pci(0x1C,0x4)/Pci(0x0,0x${index})`,
      isUp: true,
    }),
  );
  return {
    processors: Array.from({ length: processors }, (_, index) => ({
      socket: index + 1,
      model: facts.processorModel,
      cores: coresPerProcessor,
      threads: coresPerProcessor * 2,
      speedMhz: 2000,
    })),
    memory: modulesOf(processors, memoryGib * 1024),
    networkPorts,
    pciDevices: pciDevicesOf(generation, gpus),
    fans: Array.from({ length: 4 }, (_, index) => ({ name: `Fan ${index + 1}`, percent: 12 + index })),
    thermometers: [
      { name: '01-Inlet Ambient', context: 'Intake', celsius: 21, caution: 42, critical: 46 },
      ...Array.from({ length: processors }, (_, index): Thermometer => ({ name: `0${index + 2}-CPU ${index + 1}`, context: 'CPU', celsius: 40, caution: 70, critical: 0 })),
      ...Array.from({ length: gpus }, (_, index): Thermometer => ({ name: `${20 + index}-GPU ${index + 1}`, context: 'GPU', celsius: 52, caution: 90, critical: 100 })),
      { name: '12-System Board', context: 'SystemBoard', celsius: 31, caution: 65, critical: 70 },
    ],
    powerSupplies: [1, 2].map((bay) => ({ bay, model: '865414-B21', serialNumber: `5WBXU0A1SIM00${bay}`, watts: 800, outputWatts: 64 })),
    consumption: { present: 128, average: 124, minimum: 96, maximum: 310 },
  };
}

/** Fills the sockets of each processor in turn with modules of one size; what is left over makes a smaller one. */
function modulesOf(processors: number, totalMib: number): readonly MemoryModule[] {
  const sizes: number[] = [];
  for (let left = totalMib; left > 0; left -= MODULE_MIB) sizes.push(Math.min(left, MODULE_MIB));
  return Array.from({ length: processors }, (_, processor) =>
    Array.from({ length: SOCKETS }, (_each, socket): MemoryModule => {
      const sizeMib = sizes[socket * processors + processor] ?? 0;
      return { processor: processor + 1, socket: socket + 1, sizeMib, kind: 'DRAM' };
    }),
  ).flat();
}

function pciDevicesOf(generation: Generation, gpus: number): readonly PciDevice[] {
  const facts = FACTS[generation];
  return [
    {
      id: '1', name: `${facts.networkAdapter} - NIC`, manufacturer: 'Broadcom', classCode: 2, subclassCode: 0, structuredName: 'NIC.LOM.1.1',
      uefiDevicePath: 'PciRoot(0x0)/Pci(0x1C,0x4)/Pci(0x0,0x0)', deviceType: 'Embedded LOM', location: 'Embedded', vendorId: 5348, deviceId: 5719,
    },
    {
      id: '2', name: facts.controllerModel, manufacturer: 'HPE', classCode: 1, subclassCode: 4, structuredName: 'RAID.Emb.1.1',
      uefiDevicePath: 'PciRoot(0x1)/Pci(0x1,0x0)/Pci(0x0,0x0)', deviceType: 'Smart Storage', location: 'Embedded', vendorId: 4156, deviceId: 12_857,
    },
    {
      id: '3', name: 'Embedded Video Controller', manufacturer: 'Matrox', classCode: 3, subclassCode: 0, structuredName: 'PCI.Emb.1.1',
      uefiDevicePath: 'PciRoot(0x0)/Pci(0x1C,0x7)/Pci(0x0,0x1)', deviceType: 'Embedded', location: 'Embedded', vendorId: 4139, deviceId: 1336,
    },
    ...Array.from({ length: gpus }, (_, index): PciDevice => ({
      id: String(4 + index), name: 'NVIDIA Tesla M10', manufacturer: 'NVIDIA', classCode: 3, subclassCode: 2, structuredName: `PCI.Slot.${index + 1}.1`,
      uefiDevicePath: `PciRoot(0x2)/Pci(0x${index},0x0)/Pci(0x0,0x0)`, deviceType: 'GPU', location: 'PCI Slot', vendorId: 4318, deviceId: 5053,
    })),
  ];
}

/** Addresses that are always the same for one name; 52:54:00 is used by virtual machines. */
function macAddressesOf(name: string, count: number): readonly string[] {
  const digits = createHash('sha256').update(name).digest('hex');
  const base = Number.parseInt(digits.slice(0, 6), 16) & 0xff_ff_f0;
  return Array.from({ length: count }, (_, index) => {
    const hex = (base + index).toString(16).padStart(6, '0');
    return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
  });
}
