import type { Machine } from '../machine/machine.js';
import type { MemoryModule } from '../machine/hardware.js';
import type { LogicalDrive, PhysicalDrive } from '../machine/storage.js';
import { leaf, nest } from './documents.js';

// The report of GET_EMBEDDED_HEALTH, laid out as recorded from iLO 4; see the folders of test/fixtures.

const FAULT_TOLERANCE: Readonly<Record<string, string>> = { '0': 'RAID 0', '1': 'RAID 1/RAID 1+0', '10': 'RAID 1/RAID 1+0', '5': 'RAID 5', '6': 'RAID 6' };

/** Everything that the iLO knows of the parts of its machine. */
export function embeddedHealth(machine: Machine): string {
  return nest(
    'GET_EMBEDDED_HEALTH_DATA',
    fans(machine),
    temperatures(machine),
    powerSupplies(machine),
    '<VRM>\n</VRM>',
    processors(machine),
    memory(machine),
    networkCards(machine),
    storage(machine),
    firmware(machine),
    glance(),
  );
}

function fans({ hardware }: Machine): string {
  return nest(
    'FANS',
    ...hardware.fans.map(({ name, percent }) =>
      nest('FAN', leaf('ZONE', 'System'), leaf('LABEL', name), leaf('STATUS', 'OK'), leaf('SPEED', percent, 'Percentage')),
    ),
  );
}

/** RIBCL's words for where a thermometer sits. */
const PLACES = { Intake: 'Ambient', CPU: 'CPU', SystemBoard: 'System', PowerSupply: 'Power Supply', GPU: 'System' } as const;

function temperatures({ hardware }: Machine): string {
  const limit = (name: string, celsius: number): string => (celsius === 0 ? leaf(name, 'N/A') : leaf(name, celsius, 'Celsius'));
  return nest(
    'TEMPERATURE',
    ...hardware.thermometers.map(({ name, context, celsius, caution, critical }) =>
      nest(
        'TEMP',
        leaf('LABEL', name),
        leaf('LOCATION', PLACES[context]),
        leaf('STATUS', 'OK'),
        leaf('CURRENTREADING', celsius, 'Celsius'),
        limit('CAUTION', caution),
        limit('CRITICAL', critical),
      ),
    ),
  );
}

function powerSupplies({ hardware, power }: Machine): string {
  return nest(
    'POWER_SUPPLIES',
    nest(
      'POWER_SUPPLY_SUMMARY',
      leaf('PRESENT_POWER_READING', `${power.isOn ? hardware.consumption.present : 0} Watts`),
      leaf('POWER_MANAGEMENT_CONTROLLER_FIRMWARE_VERSION', '4.1'),
      leaf('POWER_SYSTEM_REDUNDANCY', 'Redundant'),
      leaf('HP_POWER_DISCOVERY_SERVICES_REDUNDANCY_STATUS', 'N/A'),
      leaf('HIGH_EFFICIENCY_MODE', 'Balanced'),
    ),
    ...hardware.powerSupplies.map(({ bay, model, serialNumber, watts }) =>
      nest(
        'SUPPLY',
        leaf('LABEL', `Power Supply ${bay}`),
        leaf('PRESENT', 'Yes'),
        leaf('STATUS', 'Good, In Use'),
        leaf('PDS', 'Yes'),
        leaf('HOTPLUG_CAPABLE', 'Yes'),
        leaf('MODEL', model),
        leaf('SPARE', '660185-001'),
        leaf('SERIAL_NUMBER', serialNumber),
        leaf('CAPACITY', `${watts} Watts`),
        leaf('FIRMWARE_VERSION', '1.00'),
      ),
    ),
  );
}

function processors({ hardware }: Machine): string {
  return nest(
    'PROCESSORS',
    ...hardware.processors.map(({ socket, model, cores, threads, speedMhz }) =>
      nest(
        'PROCESSOR',
        leaf('LABEL', `Proc ${socket}`),
        leaf('NAME', model),
        leaf('STATUS', 'OK'),
        leaf('SPEED', `${speedMhz} MHz`),
        leaf('EXECUTION_TECHNOLOGY', `${cores}/${cores} cores; ${threads} threads`),
        leaf('MEMORY_TECHNOLOGY', '64-bit Capable'),
        leaf('INTERNAL_L1_CACHE', '64 KB'),
        leaf('INTERNAL_L2_CACHE', '256 KB'),
        leaf('INTERNAL_L3_CACHE', '16384 KB'),
      ),
    ),
  );
}

function memory({ hardware }: Machine): string {
  const boards = Map.groupBy(hardware.memory, ({ processor }) => processor);
  const total = (modules: readonly MemoryModule[]): number => modules.reduce((sum, { sizeMib }) => sum + sizeMib, 0);
  return nest(
    'MEMORY',
    nest('ADVANCED_MEMORY_PROTECTION', leaf('AMP_MODE_STATUS', 'Advanced ECC'), leaf('CONFIGURED_AMP_MODE', 'Advanced ECC'), leaf('AVAILABLE_AMP_MODES', 'Advanced ECC')),
    nest(
      'MEMORY_DETAILS_SUMMARY',
      ...[...boards].map(([processor, modules]) => {
        const size = total(modules);
        return nest(
          `CPU_${processor}`,
          leaf('NUMBER_OF_SOCKETS', modules.length),
          leaf('TOTAL_MEMORY_SIZE', size === 0 ? 'N/A' : size % 1024 === 0 ? `${size / 1024} GB` : `${size} MB`),
          leaf('OPERATING_FREQUENCY', size === 0 ? 'N/A' : '1600 MHz'),
          leaf('OPERATING_VOLTAGE', size === 0 ? 'N/A' : '1.50 v'),
        );
      }),
    ),
    // As recorded: one element for each socket, all with the name of their board.
    nest('MEMORY_DETAILS', ...hardware.memory.map((module) => nest(`CPU_${module.processor}`, memoryModule(module)))),
  );
}

function memoryModule({ processor, socket, sizeMib }: MemoryModule): string {
  const isPresent = sizeMib > 0;
  const orNone = (text: string): string => (isPresent ? text : 'N/A');
  return [
    leaf('SOCKET', socket),
    leaf('STATUS', isPresent ? 'Good, In Use' : 'Not Present'),
    leaf('HP_SMART_MEMORY', orNone('Yes')),
    `<PART NUMBER="${orNone('672612-081')}"/>`,
    leaf('TYPE', orNone('DIMM DDR3')),
    leaf('SIZE', orNone(`${sizeMib} MB`)),
    leaf('FREQUENCY', orNone('1600 MHz')),
    leaf('MINIMUM_VOLTAGE', orNone('1.50 v')),
    leaf('RANKS', orNone('2')),
    leaf('TECHNOLOGY', orNone(`RDIMM P${processor}`)),
  ].join('\n');
}

function networkCards({ hardware, identity }: Machine): string {
  const card = (name: string, port: string, mac: string, status: string, address: string): string =>
    nest(
      name,
      leaf('NETWORK_PORT', port),
      leaf('PORT_DESCRIPTION', name === 'iLO' ? 'iLO Dedicated Network Port' : 'N/A'),
      leaf('LOCATION', 'Embedded'),
      leaf('MAC_ADDRESS', mac),
      leaf('IP_ADDRESS', address),
      leaf('STATUS', status),
    );
  return nest(
    'NIC_INFORMATION',
    card('iLO', 'iLO Dedicated Network Port', '52:54:00:ff:00:01', 'OK', '192.0.2.10'),
    ...hardware.networkPorts.map(({ number, macAddress }) => card('NIC', `Port ${number}`, macAddress, identity.generation === 'gen8' ? 'Unknown' : 'OK', 'N/A')),
  );
}

function storage({ storage: store, identity }: Machine): string {
  return nest(
    'STORAGE',
    nest(
      'CONTROLLER',
      leaf('LABEL', 'Controller on System Board'),
      leaf('STATUS', 'OK'),
      leaf('CONTROLLER_STATUS', 'OK'),
      leaf('SERIAL_NUMBER', '001438031389320'),
      leaf('MODEL', identity.facts.controllerModel),
      leaf('FW_VERSION', '1.62'),
      nest('DRIVE_ENCLOSURE', leaf('LABEL', 'Port 1I Box 1'), leaf('STATUS', 'OK'), leaf('DRIVE_BAY', '04')),
      ...store.logicalDrives.map((drive) => logicalDrive(drive, store.drives)),
    ),
    nest('DISCOVERY_STATUS', leaf('STATUS', 'Discovery Complete')),
  );
}

function logicalDrive(drive: LogicalDrive, drives: readonly PhysicalDrive[]): string {
  return nest(
    'LOGICAL_DRIVE',
    leaf('LABEL', String(drive.number).padStart(2, '0')),
    leaf('STATUS', 'OK'),
    leaf('CAPACITY', `${Math.floor(drive.capacityMib / 1024)} GB`),
    leaf('FAULT_TOLERANCE', FAULT_TOLERANCE[drive.level] ?? `RAID ${drive.level}`),
    leaf('ENCRYPTION_STATUS', 'Not Encrypted'),
    ...drives.filter(({ location }) => drive.drives.includes(location)).map(physicalDrive),
  );
}

function physicalDrive({ location, capacityMib, model, serialNumber }: PhysicalDrive): string {
  const [port = '', box = '', bay = ''] = location.split(':');
  const label = `Port ${port} Box ${box} Bay ${bay}`;
  return nest(
    'PHYSICAL_DRIVE',
    leaf('LABEL', label),
    leaf('STATUS', 'OK'),
    leaf('SERIAL_NUMBER', serialNumber),
    leaf('MODEL', model),
    leaf('CAPACITY', `${Math.floor(capacityMib / 1024)} GB`),
    leaf('LOCATION', label),
    leaf('FW_VERSION', 'HPD0'),
    leaf('DRIVE_CONFIGURATION', 'Configured'),
    leaf('ENCRYPTION_STATUS', 'Not Encrypted'),
  );
}

function firmware({ firmware: parts, identity }: Machine): string {
  const date = identity.facts.firmwareDate;
  return nest(
    'FIRMWARE_INFORMATION',
    ...parts.components.map(({ id, name, version }, index) =>
      nest(`INDEX_${index + 1}`, leaf('FIRMWARE_NAME', name), leaf('FIRMWARE_VERSION', id === 'ilo' ? `${version} ${date}` : version)),
    ),
  );
}

function glance(): string {
  const parts = ['BIOS_HARDWARE', 'FANS', 'TEMPERATURE', 'POWER_SUPPLIES', 'PROCESSOR', 'MEMORY', 'NETWORK', 'STORAGE'];
  return nest(
    'HEALTH_AT_A_GLANCE',
    ...parts.map((part) => `<${part} STATUS= "OK"/>`),
    '<FANS REDUNDANCY= "Redundant"/>',
    '<POWER_SUPPLIES REDUNDANCY= "Redundant"/>',
  );
}
