import type { JsonObject } from '@ferric/core';
import { refuse } from '../outcome.js';
import { changeOverride, overrideTargets } from '../rest/boot-override.js';
import { powerOperation } from '../rest/power-operation.js';
import { asText, type Resource, type RestAnswer, type RestContext } from '../rest/resource.js';
import { collection, collectionOf, href, OK, resource } from './build.js';

export const RESET_TYPES = ['On', 'ForceOff', 'ForceRestart', 'Nmi', 'PushPowerButton'];
const PUSH_TYPES = ['Press', 'PressAndHold'];

/** BIOS, secure boot: what came with Gen9. */
export const hasBios = ({ machine }: RestContext): boolean => machine.identity.generation === 'gen9';

const action = (name: string, property: string, values: readonly string[], isOem: boolean): JsonObject => ({
  Action: name,
  Capabilities: [
    { AllowableValues: [...values], PropertyName: property },
    ...(isOem ? [{ AllowableValues: ['/Oem/Hp'], PropertyName: 'Target' }] : []),
  ],
});

function readSystem(context: RestContext): JsonObject {
  const { machine } = context;
  const { identity, power, hardware, boot } = machine;
  const { romFamily, romVersion, romDate } = identity.facts;
  const rom = { Date: romDate, Family: romFamily, VersionString: `${romFamily} ${romVersion} (${romDate})` };
  const memoryGib = hardware.memory.reduce((sum, { sizeMib }) => sum + sizeMib, 0) / 1024;
  return resource(
    context,
    'Systems/1',
    'ComputerSystem.1.0.1',
    {
      AssetTag: machine.assetTag,
      AvailableActions: [action('Reset', 'ResetType', RESET_TYPES, false)],
      Bios: { Current: { VersionString: rom.VersionString } },
      Boot: {
        BootSourceOverrideEnabled: boot.override.enabled,
        BootSourceOverrideSupported: [...overrideTargets(machine)],
        BootSourceOverrideTarget: boot.override.target,
        UefiTargetBootSourceOverride: boot.override.uefiTarget,
        UefiTargetBootSourceOverrideSupported: boot.orderedSources.map(({ name }) => name),
      },
      Description: 'Computer System View',
      HostCorrelation: { HostMACAddress: hardware.networkPorts.map(({ macAddress }) => macAddress), HostName: machine.serverName, IPAddress: [] },
      IndicatorLED: machine.identifyLight === 'On' ? 'Lit' : 'Off',
      Manufacturer: 'HP',
      Memory: { Status: { HealthRollUp: 'OK' }, TotalSystemMemoryGB: memoryGib },
      Model: identity.productName,
      Name: 'Computer System',
      Oem: {
        Hp: {
          AvailableActions: [action('PowerButton', 'PushType', PUSH_TYPES, true), action('SystemReset', 'ResetType', ['ColdBoot'], true)],
          Bios: { Backup: rom, Current: rom, UefiClass: { bios: 0, both: 2, uefi: 3 }[identity.bootModes] },
          PostState: context.postState(),
          PowerAutoOn: 'Restore',
          PowerRegulatorMode: 'Dynamic',
          Type: 'HpComputerSystemExt.1.2.1',
          VirtualProfile: 'Inactive',
          links: {
            ...(hasBios(context) ? { BIOS: href(context, 'systems/1/bios') } : {}),
            EthernetInterfaces: href(context, 'Systems/1/EthernetInterfaces'),
            FirmwareInventory: href(context, 'Systems/1/FirmwareInventory'),
            MEMORY: href(context, 'Systems/1/Memory'),
            NetworkAdapters: href(context, 'Systems/1/NetworkAdapters'),
            PCIDevices: href(context, 'Systems/1/PCIDevices'),
            ...(machine.secureBoot === undefined ? {} : { SecureBoot: href(context, 'Systems/1/SecureBoot') }),
            SmartStorage: href(context, 'Systems/1/SmartStorage'),
          },
        },
      },
      Power: power.isOn ? 'On' : 'Off',
      Processors: { Count: hardware.processors.length, ProcessorFamily: identity.facts.processorModel, Status: { HealthRollUp: 'OK' } },
      SKU: identity.facts.partNumber,
      SerialNumber: identity.serialNumber,
      Status: { Health: 'OK', State: power.isOn ? 'Enabled' : 'Disabled' },
      SystemType: 'Physical',
      UUID: identity.uuid,
    },
    {
      Chassis: [href(context, 'Chassis/1')],
      Logs: href(context, 'Systems/1/LogServices'),
      ManagedBy: [href(context, 'Managers/1')],
      Processors: href(context, 'Systems/1/Processors'),
    },
  );
}

/** An action is posted to the system itself. */
function actOnSystem(context: RestContext, body: JsonObject): RestAnswer {
  const isOem = body['Target'] === '/Oem/Hp';
  if (body['Action'] === 'Reset' && !isOem) return powerOperation(context, 'reset', body['ResetType'], RESET_TYPES);
  if (body['Action'] === 'PowerButton' && isOem) return powerOperation(context, 'button', body['PushType'], PUSH_TYPES);
  if (body['Action'] === 'SystemReset' && isOem) return powerOperation(context, 'reset', body['ResetType'], ['ColdBoot']);
  return refuse('unknown action', String(body['Action']));
}

export const SYSTEM_RESOURCES: readonly Resource[] = [
  { path: 'Systems', read: (context) => collection(context, 'Systems', 'ComputerSystem.1', ['Systems/1']) },
  {
    path: 'Systems/1',
    read: readSystem,
    writable: ['AssetTag', 'IndicatorLED', 'Boot.BootSourceOverrideEnabled', 'Boot.BootSourceOverrideTarget', 'Boot.UefiTargetBootSourceOverride'],
    patch(context, body) {
      const { machine, caller } = context;
      if (body['Boot'] !== undefined) return changeOverride(context, body['Boot']);
      const light = asText(body['IndicatorLED']);
      return caller.perform(light === undefined ? 'set server name' : 'set identify light', () => {
        if (light !== undefined) machine.identifyLight = light === 'Off' ? 'Off' : 'On';
        machine.assetTag = asText(body['AssetTag']) ?? machine.assetTag;
        return undefined;
      });
    },
    post: actOnSystem,
  },
  // Where early Redfish lists its actions.
  { path: 'Systems/1/Actions/ComputerSystem.Reset', post: (context, body) => powerOperation(context, 'reset', body['ResetType'], RESET_TYPES) },
  {
    path: 'Systems/1/Actions/Oem/Hp/ComputerSystemExt.PowerButton',
    post: (context, body) => powerOperation(context, 'button', body['PushType'], PUSH_TYPES),
  },
  {
    path: 'Systems/1/SecureBoot',
    exists: ({ machine }) => machine.secureBoot !== undefined,
    read(context) {
      const { secureBoot } = context.machine;
      if (secureBoot === undefined) return undefined;
      return resource(context, 'Systems/1/SecureBoot', 'HpSecureBoot.1.0.0', {
        Name: 'SecureBoot',
        ResetAllKeys: false,
        ResetToDefaultKeys: false,
        SecureBootCurrentState: secureBoot.isOn,
        SecureBootEnable: secureBoot.isWanted,
      });
    },
    writable: ['SecureBootEnable', 'ResetToDefaultKeys', 'ResetAllKeys'],
    patch: changeSecureBoot,
  },
  {
    path: 'Systems/1/Processors',
    read: (context) => collection(context, 'Systems/1/Processors', 'Processor.1', context.machine.hardware.processors.map(({ socket }) => `Systems/1/Processors/${socket}`)),
  },
  {
    path: 'Systems/1/Processors/{}',
    read(context, id) {
      const processor = context.machine.hardware.processors.find(({ socket }) => String(socket) === id);
      if (processor === undefined) return undefined;
      return resource(context, `Systems/1/Processors/${id}`, 'Processor.1.0.0', {
        Id: id,
        InstructionSet: 'x86-64',
        MaxSpeedMHz: 4000,
        Model: processor.model,
        Name: 'Processors',
        ProcessorArchitecture: 'x86',
        ProcessorType: 'CPU',
        Socket: `Proc ${id}`,
        Status: { Health: 'OK' },
        TotalCores: processor.cores,
        TotalThreads: processor.threads,
      });
    },
  },
  {
    path: 'Systems/1/Memory',
    read(context) {
      const items = context.machine.hardware.memory.map((module) => ({
        DIMMStatus: module.sizeMib > 0 ? 'GoodInUse' : 'NotPresent',
        DIMMType: module.sizeMib > 0 ? 'DDR4' : 'Unknown',
        Name: `proc${module.processor}dimm${module.socket}`,
        SizeMB: module.sizeMib,
        SocketLocator: `PROC ${module.processor} DIMM ${module.socket}`,
        Type: 'HpMemory.1.0.0',
      }));
      return collection(context, 'Systems/1/Memory', 'HpMemory.1', [], items);
    },
  },
  {
    path: 'Systems/1/FirmwareInventory',
    // Source: HPE iLO 4 RESTful API, FwSwVersionInventory; HPE ilorest, ServerInfoCommand.py.
    read: (context) =>
      resource(context, 'Systems/1/FirmwareInventory', 'FwSwVersionInventory.1.2.0', {
        Current: Object.fromEntries(context.machine.firmware.components.map(({ id, name, version, location }) => [id, [{ Location: location, Name: name, VersionString: version }]])),
        Name: 'Firmware Version Inventory',
      }),
  },
  ...collectionOf('Systems/1/PCIDevices', 'HpServerPciDevice.1', (context) =>
    context.machine.hardware.pciDevices.map((device) => ({
      BusNumber: 2,
      ClassCode: device.classCode,
      DeviceID: device.deviceId,
      DeviceInstance: 1,
      DeviceLocation: device.location,
      DeviceNumber: 0,
      DeviceSubInstance: 1,
      DeviceType: device.deviceType,
      FunctionNumber: 0,
      Id: device.id,
      Name: device.name,
      StructuredName: device.structuredName,
      SubclassCode: device.subclassCode,
      Type: 'HpServerPciDevice.1.0.0',
      UEFIDevicePath: device.uefiDevicePath,
      VendorID: device.vendorId,
      links: { self: href(context, `Systems/1/PCIDevices/${device.id}`) },
    })),
  ),
  { path: 'Systems/1/NetworkAdapters', read: (context) => collection(context, 'Systems/1/NetworkAdapters', 'HpBaseNetworkAdapter.1', ['Systems/1/NetworkAdapters/1']) },
  {
    path: 'Systems/1/NetworkAdapters/1',
    read: (context) =>
      resource(context, 'Systems/1/NetworkAdapters/1', 'HpBaseNetworkAdapter.1.1.0', {
        Name: context.machine.identity.facts.networkAdapter,
        PhysicalPorts: context.machine.hardware.networkPorts.map(({ macAddress, uefiDevicePath, isUp }) => ({
          FullDuplex: true,
          IPv4Addresses: [],
          MacAddress: macAddress,
          SpeedMbps: isUp ? 1000 : null,
          Status: isUp ? OK : { Health: null },
          UEFIDevicePath: uefiDevicePath,
        })),
        StructuredName: 'NIC.LOM.1.1',
      }),
  },
  {
    path: 'Systems/1/EthernetInterfaces',
    read: (context) =>
      collection(context, 'Systems/1/EthernetInterfaces', 'EthernetNetworkInterface.1', context.machine.hardware.networkPorts.map(({ number }) => `Systems/1/EthernetInterfaces/${number}`)),
  },
  {
    path: 'Systems/1/EthernetInterfaces/{}',
    read(context, id) {
      const port = context.machine.hardware.networkPorts.find(({ number }) => String(number) === id);
      if (port === undefined) return undefined;
      const { macAddress } = port;
      return resource(context, `Systems/1/EthernetInterfaces/${id}`, 'EthernetNetworkInterface.1.0.0', {
        FullDuplex: true,
        Id: id,
        MACAddress: macAddress,
        MacAddress: macAddress,
        Name: '',
        SpeedMbps: port.isUp ? 1000 : null,
        Status: port.isUp ? OK : { Health: null, State: null },
      });
    },
  },
];

function changeSecureBoot({ machine, caller }: RestContext, body: JsonObject): RestAnswer {
  const { secureBoot } = machine;
  const keys = body['ResetAllKeys'] === true ? 'none' : body['ResetToDefaultKeys'] === true ? 'factory' : undefined;
  return caller.perform(keys === undefined ? 'set secure boot' : 'set secure boot keys', () => {
    if (machine.bios.mode !== 'uefi') return refuse('not in uefi mode');
    if (machine.power.isInPost) return refuse('during post', 'SecureBootEnable');
    if (keys !== undefined) secureBoot?.changeKeys(keys);
    else if (secureBoot !== undefined) secureBoot.isWanted = body['SecureBootEnable'] === true;
    return undefined;
  });
}
